package imap

// What is done when the line breaks within a run (docs/decisions/0042-a-line-that-breaks.md).

// try does what is asked with the mail folder f open, or none where f is nil, and does
// it again on another line where that one broke. What do gives counts only when it came
// to its end.
func (p *pass) try(f *folder, do func() error) error {
	for {
		err := do()
		if err == nil {
			p.breaks.Came()
			return nil
		}
		err = p.takeUp(f, err)
		if err != nil {
			return err
		}
	}
}

// takeUp makes another line after why, logs in again and opens f, which must be the
// mail folder that it was: the UIDs that were listed name the same messages (RFC 9051
// §2.3.1.1).
func (p *pass) takeUp(f *folder, why error) error {
	for {
		why = p.breaks.Again(p.ctx, why)
		if why != nil {
			return why
		}
		why = p.dial()
		if why != nil || f == nil {
			if why == nil {
				return nil
			}
			continue
		}
		var now *folder
		now, why = p.examine(f.place)
		if why == nil {
			f.exists = now.exists
			return f.same(now)
		}
	}
}

// dial ends the line that there was, and logs in on another.
func (p *pass) dial() error {
	_ = p.conn.Close() // it broke
	c, err := connect(p.ctx, p.server)
	if err != nil {
		return err
	}
	p.session = c
	return c.login(p.user, p.password)
}

func (p *pass) listing() (out []place, err error) {
	err = p.try(nil, func() (err error) {
		out, err = p.folders()
		return err
	})
	return out, err
}

func (p *pass) opened(at place) (f *folder, err error) {
	err = p.try(nil, func() (err error) {
		f, err = p.examine(at)
		return err
	})
	return f, err
}
