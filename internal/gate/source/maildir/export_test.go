package maildir

// Limit has a source take fewer names in one mail folder, and fewer of these, than it would.
func Limit(s *Source, messages, folders int) { s.limits = limits{messages, folders} }
