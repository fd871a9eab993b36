package app

// SessionCounts is what the staff's door asks at each request.
var SessionCounts = (*Office).sessionCounts
