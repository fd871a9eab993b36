package app

import (
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// SameRegister holds the folder's register to the one that the charter names, where there
// is a charter that names one. Whether the charter is the gate's, doctor says. Codes:
// register.other_key, and those of Charter.
func (f Folder) SameRegister() error {
	c, err := f.Charter()
	if problem.Code(err) == "app.no_charter" {
		return nil
	}
	if err != nil {
		return err
	}
	return f.sameRegister(c)
}

func (f Folder) sameRegister(c *grant.Charter) error {
	now, err := f.readPolicy("register")
	if err != nil || c.Register == "" || c.Register == now.LogKey() {
		return err
	}
	return problem.New(problem.Unverified, "register.other_key", "this folder's register is not the one that the charter names: its key is another").At("ledger/register.policy").
		Fix("find out who put another register there; only a statement of the charter names a new one: counterseal gate amend")
}

// examineRegister says whether the register's key is the one that the quorum signed. That
// no quorum has signed one is a limit, and said there.
func (o *Office) examineRegister(h *Health) {
	c, err := o.charter()
	if err != nil || c.Register == "" {
		return
	}
	h.check("register", "its key is the one that the charter names", o.Folder.sameRegister(c))
}

// logsNamed says whose word outsiders have for the keys of the logs.
func (o *Office) logsNamed() Promise {
	c, err := o.charter()
	if err == nil && c.Register != "" {
		return Promise{true, "The charter names the keys of both logs: another log in the place of one does not hold"}
	}
	if err == nil {
		return Promise{false, "The charter does not name the register's key: whoever owns this folder can put another register in its place"}
	}
	return Promise{false, "No charter names the keys of the logs: whoever owns this folder can put others in their place"}
}
