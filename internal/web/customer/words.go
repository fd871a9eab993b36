package customer

// Languages are those of the pages, in the order of the switch.
var Languages = []string{"en", "de", "da", "it"}

// names of the languages, each in its own.
var names = map[string]string{"en": "English", "de": "Deutsch", "da": "Dansk", "it": "Italiano"}

// texts of the pages; a % stands for what is put in, in its order.
var texts = map[string]map[string]string{"en": english, "de": german, "da": danish, "it": italian}
