package app

// What tests of this room's own look at.
var (
	// SessionCounts is what the staff's door asks at each request.
	SessionCounts = (*Office).sessionCounts

	// Mount adds every page to a mux.
	Mount = (*House).mount

	// Followed is how long a preservation certificate waited for its production.
	Followed = (*Office).followed
)
