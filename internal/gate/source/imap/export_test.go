package imap

import (
	"errors"
	"io"
)

// Limit has a source take fewer messages in one mail folder than it would.
func Limit(s *Source, most int) { s.most = most }

// Answers reads a server's answers until one cannot be read.
func Answers(r io.Reader) error {
	s := &session{reader: newReader(r)}
	for {
		a, err := s.next()
		if err != nil {
			return err
		}
		switch a.name {
		case "FETCH":
			var m message
			for begun := false; ; begun = true {
				_, ended, err := s.attributes(&m, begun)
				if err != nil {
					return err
				}
				if ended {
					break
				}
				_, err = io.Copy(io.Discard, s.section)
				if err != nil {
					return err
				}
			}
		case "LIST":
			_, _, err = s.listed()
		case "NAMESPACE":
			_, err = s.prefixes()
		default:
			_, err = s.line()
		}
		if err != nil {
			return err
		}
	}
}

// IsForm reports whether an answer was not of the protocol.
func IsForm(err error) bool { return errors.Is(err, errForm) }
