package pinned

import "crypto/tls"

// Certificate is what an identity shows.
func Certificate(i Identity) tls.Certificate { return i.certificate }
