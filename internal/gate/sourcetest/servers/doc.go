// Package servers runs the servers of stores for tests: object storage (versitygw),
// WebDAV (rclone), PostgreSQL, Dovecot and Prosody, each a process of its own on loopback.
//
// Its words. A *server* is one that nobody here wrote, over a folder that the test
// fills. Its *family* is its process with all of its descendants.
//
// Its promises. A test whose server is not installed skips and says how to install it;
// where CI is "true" it fails. A server ends with its test. It can be killed, frozen and
// started again at the same address, over what it holds.
//
// It is imported by tests alone, and imports the standard library.
package servers
