package confine

// Needs are what a process keeps.
type Needs struct {
	Programs bool     // it starts programs: they are held to the same
	Network  bool     // it talks to other hosts, or listens on a port
	Own      []string // folders in which it writes; none: files are not restricted
	Sockets  []string // folders in which it makes its sockets
	Read     []string // files and folders that it reads
	Temp     bool     // it may need room for temporary files: SQLite sorts in them
	Connect  []uint16 // ports that it connects to over TCP; none: all, where Network
	Bind     []uint16 // ports that it listens on
}

// The walls, as Wall.About names them.
const (
	Calls   = "calls"
	Files   = "files"
	Network = "network"
	Memory  = "memory"
)

// Wall is what the kernel holds back, or why it does not. Says is true as it stands.
type Wall struct {
	About string
	Holds bool
	Says  string
}

func stands(about, says string) Wall { return Wall{about, true, says} }

func missing(about, says string) Wall { return Wall{about, false, says} }
