// Package keys keeps one raw data key per demand, outside the database and its
// backups, so that destroying a key ends retention everywhere at once.
//
// Its words. A *data key* is 32 random bytes under which docket seals all that
// it keeps of one demand. An *epoch* is a dated 32-byte key that wraps data keys.
// To *destroy* data keys is to wrap the survivors again under a new epoch and to
// destroy the old one: any copy of the old wrapped file, in whatever backup, is
// then noise.
//
// Its promises. Create and Destroy are on disk when they return. A crash at any
// step of Destroy leaves either the old epoch or the new one, whole; Open
// finishes what was begun. A folder or file that others can read is refused
// (keys.exposed); a second process is refused (keys.busy). A wrapped key is bound
// to its id and epoch: edited, swapped or cut, it is keys.corrupt or
// keys.missing, never another key. There is no cache: reading and unwrapping a
// key is a few microseconds, and what is not in memory cannot leak from it.
//
// # Bytes
//
//	epoch-NNNNNN-YYYYMMDD.key   "counterseal-epoch-v1\n" || key[32]                  53 bytes
//	wrapped-NNNNNN.keys         "counterseal-keys-v1\n", then records of 92 bytes:
//	                            SHA-256("counterseal-key-id-v1\n" || id)[32]
//	                            || AES-256-GCM(epoch key, data key): nonce[12] || ciphertext[32] || tag[16]
//	                            associated data: the id's digest[32] || epoch number uint64, big-endian
//
// Back up wrapped files as often as you like. Keep the epoch key's copies few,
// apart from them and off the machine's snapshots, and destroy them with it: a
// kept copy of both is a kept key. Where the disk remaps blocks (SSD,
// copy-on-write), overwriting a file does not erase it: encrypt the disk.
//
// It implements docket.Keys and imports problem, batch, tink's AES-GCM and the standard
// library.
package keys
