package store

import "sync"

// Bell wakes a worker when a transaction that rang its topic has been committed: one of this process,
// and on PostgreSQL of every node, as far as reaches says.
// It carries no data and gathers: many rings before the worker looks are one. A worker that must not
// miss anything also polls, because a crash between commit and ring loses the ring.
type Bell struct {
	C     <-chan struct{}
	rung  chan struct{}
	topic string
	board *switchboard
}

// Bell subscribes to a topic. The subscriber closes it.
func (s *Store) Bell(topic string) *Bell {
	return s.bells.join(topic)
}

// Close ends the subscription. C is not closed; it just stays silent.
func (b *Bell) Close() {
	b.board.mu.Lock()
	defer b.board.mu.Unlock()
	delete(b.board.bells[b.topic], b)
	if len(b.board.bells[b.topic]) == 0 {
		delete(b.board.bells, b.topic)
	}
}

// switchboard knows who listens to which topic. Its zero value is ready.
type switchboard struct {
	mu    sync.Mutex
	bells map[string]map[*Bell]struct{}
}

func (s *switchboard) join(topic string) *Bell {
	rung := make(chan struct{}, 1)
	b := &Bell{C: rung, rung: rung, topic: topic, board: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bells == nil {
		s.bells = map[string]map[*Bell]struct{}{}
	}
	if s.bells[topic] == nil {
		s.bells[topic] = map[*Bell]struct{}{}
	}
	s.bells[topic][b] = struct{}{}
	return b
}

func (s *switchboard) ring(topics []string) {
	if len(topics) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, topic := range topics {
		for b := range s.bells[topic] {
			select {
			case b.rung <- struct{}{}:
			default: // it has not looked since the last ring
			}
		}
	}
}

// listened tells whether anybody of this process waits for the topic.
func (s *switchboard) listened(topic string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bells[topic]) > 0
}
