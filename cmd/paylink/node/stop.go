package node

import (
	"net/http"
	"time"
)

// drain goes on answering for a while after /readyz has begun to say no. Until the load balancer has
// noticed it sends requests here, and a closed door would be a failed request.
func (n *Node) drain() {
	if n.settings.Drain == 0 {
		return
	}
	n.draining.Store(true)
	n.world.Log.Info("node.draining", "for", n.settings.Drain)
	time.Sleep(n.settings.Drain)
}

// closing asks whoever is answered while the node drains to bring the next request over a new
// connection, which the load balancer makes to another node.
func (n *Node) closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
