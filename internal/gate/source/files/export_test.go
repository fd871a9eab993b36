package files

// Limit has a source take fewer names in one folder than it would.
func Limit(s *Source, most int) { s.most = most }
