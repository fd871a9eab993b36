package app

// Version is the release; see CHANGELOG.md.
const Version = "0.1.0"
