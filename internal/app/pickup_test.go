package app

import "testing"

// Officers' page and approvers' page are not one host: passkeys know no port.
func TestThePageForOfficersHasAHostOfItsOwn(t *testing.T) {
	const listen = "127.0.0.1:8704"
	for name, x := range map[string]struct {
		page Page
		key  string
	}{
		"none":                       {Page{}, ""},
		"alone":                      {Page{PickUp: "https://pickup.lindworm.example", PickUpListen: listen}, ""},
		"beside the gate's page":     {Page{Origin: "https://gate.lindworm.example", Listen: "127.0.0.1:8702", PickUp: "https://pickup.lindworm.example", PickUpListen: listen}, ""},
		"to try":                     {Page{Origin: "http://localhost:8702", Listen: "127.0.0.1:8702", PickUp: "http://localhost:8704", PickUpListen: listen}, ""},
		"the gate's page's own host": {Page{Origin: "https://gate.lindworm.example", Listen: "127.0.0.1:8702", PickUp: "https://gate.lindworm.example:8443", PickUpListen: listen}, "pickup"},
		"without TLS":                {Page{PickUp: "http://pickup.lindworm.example", PickUpListen: listen}, "pickup"},
		"a path":                     {Page{PickUp: "https://pickup.lindworm.example/x", PickUpListen: listen}, "pickup"},
		"open to the network":        {Page{PickUp: "https://pickup.lindworm.example", PickUpListen: "0.0.0.0:8704"}, "pickup_listen"},
		"nowhere":                    {Page{PickUp: "https://pickup.lindworm.example"}, "pickup_listen"},
		"listening for nothing":      {Page{PickUpListen: listen}, "pickup"},
	} {
		if key, _ := x.page.amiss(); key != x.key {
			t.Errorf("%s: %q", name, key)
		}
	}
}
