package node

import (
	"io"
	"net"
	"testing"
	"time"
)

// More connections than descriptors would shut out the database. The one too many is refused at once,
// and there is room again as soon as another has gone.
func TestConnectionTooManyIsRefusedAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	door := newDoorway(l)
	door.most = 2
	in := make(chan net.Conn, 8)
	go func() {
		for {
			c, err := door.Accept()
			if err != nil {
				close(in)
				return
			}
			in <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	refused := func(c net.Conn) bool {
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err := c.Read(make([]byte, 1))
		return err == io.EOF
	}
	dial()
	first := <-in
	dial()
	<-in
	if !refused(dial()) || door.turned.Load() != 1 {
		t.Error("the third connection was let in")
	}
	first.Close()
	first.Close() // a second time gives no second place
	dial()
	<-in
	if !refused(dial()) || door.turned.Load() != 2 {
		t.Error("the place of one connection was given to two")
	}
	l.Close()
	for range in {
	}
	for descriptors, want := range map[uint64]int64{64: 32, 1024: 512, 1 << 20: mostConnections} {
		if got := connectionsFor(descriptors); got != want {
			t.Errorf("%d connections on %d descriptors, want %d", got, descriptors, want)
		}
	}
}
