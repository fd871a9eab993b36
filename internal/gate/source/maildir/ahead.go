package maildir

import (
	"context"
	"sync"

	"counterseal/internal/gate/source/rooted"
)

const (
	together = 32 // messages that one reader looks at in one go
	batches  = 4  // that are ahead at most, and with them open files
	readers  = 3
	few      = 2 * together // messages of a mail folder that is read one by one
)

// A batch is some messages in a row that a reader looks at before their turn.
type batch struct {
	first    int
	messages []message // as they are called now: only the pass changes the folder
	dirs     [together]*rooted.Dir
	looks    [together]look
	done     [together]bool // it could be looked at; else the pass does, alone
	room     []byte
	ready    chan struct{}
}

// read gives the messages of one mail folder in their order.
func (p *pass) read(f *folder) error {
	if len(f.messages) >= few {
		return p.ahead(f)
	}
	for i := range f.messages { // their names may change meanwhile, their keys do not
		err := p.ctx.Err()
		if err != nil {
			return err
		}
		err = p.message(f, i, p.give)
		if err != nil {
			return err
		}
	}
	return nil
}

// ahead has readers look at the messages whose turn is next while one is given. A
// message that is gone when it is its turn, and was open by then, is given all the same.
func (p *pass) ahead(f *folder) error {
	ctx, stop := context.WithCancel(p.ctx)
	work := make(chan *batch, batches)
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			for b := range work {
				b.look(ctx, p)
				b.ready <- struct{}{}
			}
		})
	}
	queue := &p.queue
	defer func() {
		stop()
		close(work)
		all.Wait()
		for _, b := range queue {
			if b != nil {
				b.close()
			}
		}
	}()
	sent := 0
	send := func(i int) {
		if sent < len(f.messages) {
			queue[i].fill(p, f, sent)
			sent += len(queue[i].messages)
			work <- queue[i]
		}
	}
	for i := range queue {
		if queue[i] == nil {
			queue[i] = &batch{room: make([]byte, together*firstRead), ready: make(chan struct{}, 1)}
		}
		send(i)
	}
	for given := 0; given < len(f.messages); {
		for i, b := range queue {
			if given == len(f.messages) {
				break
			}
			<-b.ready
			err := p.batch(f, b)
			if err != nil {
				return err
			}
			given += len(b.messages)
			send(i)
		}
	}
	return nil
}

// fill makes a batch of the messages that begin at a place.
func (b *batch) fill(p *pass, f *folder, first int) {
	b.first = first
	b.messages = append(b.messages[:0], f.messages[first:min(first+together, len(f.messages))]...)
	for i, m := range b.messages {
		in, err := p.dir(f, m)
		if err != nil {
			in = nil // the pass says why, when it is this message's turn
		}
		b.dirs[i] = in
	}
}

// look looks at a batch's messages. What is outside is closed again, and its room is
// the next one's.
func (b *batch) look(ctx context.Context, p *pass) {
	room := b.room
	for i, m := range b.messages {
		l := &b.looks[i]
		b.done[i] = b.dirs[i] != nil && ctx.Err() == nil && l.at(p, b.dirs[i], m, room[:p.first]) == nil
		switch {
		case !b.done[i]:
		case l.outside && !l.longer:
			l.leaf.Close()
		default:
			room = room[len(l.read):]
		}
	}
}

// batch gives what a reader found, and looks itself where the reader could not.
func (p *pass) batch(f *folder, b *batch) error {
	for i := range b.messages {
		err := p.ctx.Err()
		if err != nil {
			return err
		}
		if b.done[i] {
			l := &b.looks[i]
			err = p.judged(f, b.first+i, l, p.give)
			l.leaf.Close()
		} else {
			err = p.message(f, b.first+i, p.give)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// close closes what was opened and not given.
func (b *batch) close() {
	for i := range b.looks {
		b.looks[i].leaf.Close()
	}
}
