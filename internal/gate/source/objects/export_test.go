package objects

// Limit has a source take fewer names in one folder, folders and pages than it would.
func Limit(s *Source, entries, folders, pages int) { s.limits = limits{entries, folders, pages} }
