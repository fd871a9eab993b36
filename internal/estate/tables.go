package estate

import (
	"time"

	"counterseal/internal/scope"
)

// Tables are the rows of a map as a source gives them, nothing checked yet.
type Tables struct {
	Regions         []Region         `toml:"region"`
	Entities        []Entity         `toml:"entity"`
	Customers       []Customer       `toml:"customer"`
	Representatives []Representative `toml:"representative"`
	Contracts       []Contract       `toml:"contract"`
	Accounts        []Account        `toml:"account"`
	Places          []Place          `toml:"place"`
	Validities      []Validity       `toml:"validity"`
	Folders         []Folder         `toml:"folder"`
	Shares          []Share          `toml:"share"`
	Aliases         []Alias          `toml:"alias"`
	Sessions        []Session        `toml:"session"`
}

// Region is where stores are.
type Region struct {
	ID      string `toml:"id"`
	Country string `toml:"country"` // ISO 3166-1 alpha-2
	City    string `toml:"city"`
}

// Entity is one of the provider's companies.
type Entity struct {
	ID       string   `toml:"id"`
	Name     string   `toml:"name"`
	Country  string   `toml:"country"`
	Controls []string `toml:"controls"` // regions that it can open

	// Designated names the papers that may be addressed to it for all companies of
	// the provider: epoc, certificates under Regulation (EU) 2023/1543.
	Designated []string `toml:"designated"`
}

// The words of a customer's row. Class and role are those of the facts
// customer_kind and provider_role.
var (
	kinds     = []string{"person", "organisation"}
	classes   = []string{"consumer", "enterprise", "public_body", "professional"}
	roles     = []string{"controller", "processor"}
	custodies = []string{"provider", "customer"}
	languages = []string{"en", "de", "da", "it"}
	papers    = []string{"epoc"}
)

// Customer is whom a letter goes to.
type Customer struct {
	ID        string `toml:"id"`
	Name      string `toml:"name"`
	Kind      string `toml:"kind"`      // person, organisation
	Class     string `toml:"class"`     // consumer, enterprise, public_body, professional; may be unstated
	Country   string `toml:"country"`   // of the seat, or of a person; ISO 3166-1 alpha-2
	Residence string `toml:"residence"` // where the person lives, if it was established; may be unstated
	Language  string `toml:"language"`  // en, de, da, it
	Zone      string `toml:"zone"`      // IANA
	Role      string `toml:"role"`      // the provider's under the GDPR: controller, processor; may be unstated
	Keys      string `toml:"keys"`      // provider (when unstated), customer
}

// Representative is whom a customer named to be told for it.
type Representative struct {
	Customer string    `toml:"customer"`
	Name     string    `toml:"name"`
	Address  string    `toml:"address"` // postal
	Language string    `toml:"language"`
	Reach    string    `toml:"reach"` // a mail address or a number
	Since    time.Time `toml:"since"`
}

// Contract says which entity contracted with a customer, when.
type Contract struct {
	Customer string    `toml:"customer"`
	Entity   string    `toml:"entity"`
	From     time.Time `toml:"from"`
	Until    time.Time `toml:"until"`
}

// Account belongs to one customer and keeps its services' data in one region,
// except where a Place says otherwise. Role and Keys override the customer's.
type Account struct {
	ID       scope.AccountID `toml:"id"`
	Customer string          `toml:"customer"`
	Region   string          `toml:"region"`
	Services []scope.Service `toml:"services"`
	Role     string          `toml:"role"`
	Keys     string          `toml:"keys"`
}

// Place says that one service of an account lies in a region of its own. The
// account has the service then, whether its row names it or not.
type Place struct {
	Account scope.AccountID `toml:"account"`
	Service scope.Service   `toml:"service"`
	Region  string          `toml:"region"`
}

// Validity is one time in which an account was valid. An account without any
// was valid always.
type Validity struct {
	Account scope.AccountID `toml:"account"`
	From    time.Time       `toml:"from"`
	Until   time.Time       `toml:"until"`
}

// Folder is an owner of items that accounts share. Its id is of the same kind as
// an account's, and a grant names it like one.
type Folder struct {
	ID      scope.AccountID `toml:"id"`
	Owner   scope.AccountID `toml:"owner"` // who made it
	Service scope.Service   `toml:"service"`
	Region  string          `toml:"region"`
}

// Share says that an account shared a folder during a time.
type Share struct {
	Folder  scope.AccountID `toml:"folder"`
	Account scope.AccountID `toml:"account"`
	From    time.Time       `toml:"from"`
	Until   time.Time       `toml:"until"`
}

// Alias says that an identifier stood for an account or a folder during a time.
type Alias struct {
	Account scope.AccountID `toml:"account"`
	Kind    string          `toml:"kind"` // of package identifier; not account, not name
	Value   string          `toml:"value"`
	From    time.Time       `toml:"from"`
	Until   time.Time       `toml:"until"`
}

// Session says that an account used a network address, and its ports from
// FirstPort to LastPort (0 and 0: all of them), during a time.
type Session struct {
	Account   scope.AccountID `toml:"account"`
	IP        string          `toml:"ip"`
	FirstPort int             `toml:"first_port"`
	LastPort  int             `toml:"last_port"`
	From      time.Time       `toml:"from"`
	Until     time.Time       `toml:"until"`
}
