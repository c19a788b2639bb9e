package nodes

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cluster is several nodes on one database behind one front, with the sandbox as a process of its own.
type cluster struct {
	t        *testing.T
	dir      string
	env      []string
	front    *front
	carriers *carriers
	nodes    []*node
	key      string
}

// node is one place where the program runs, again and again perhaps.
type node struct {
	*process
	public, admin string
	backend       *backend
	env           []string
}

// newCluster starts so many nodes with the settings and waits until all are ready.
func newCluster(t *testing.T, database string, count int, settings ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: t.TempDir(), front: newFront(t)}
	key, theirs := strings.Repeat("6d", 32), freeAddress(t)
	world := start(t, "sandbox", c.dir, []string{"PAYLINK_SANDBOX_KEY=" + key},
		"sandbox", "--listen", theirs, "--paylink", c.front.server.URL)
	world.await(func() bool {
		conn, err := net.Dial("tcp", theirs)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	c.carriers = newCarriers(t, "http://"+theirs)
	c.env = append([]string{
		"PAYLINK_DATABASE_URL=" + database, "PAYLINK_KEY_FILE=" + filepath.Join(c.dir, "keys"),
		"PAYLINK_PUBLIC_URL=" + c.front.server.URL, "PAYLINK_RATE_LIMIT=0", "PAYLINK_LOG_LEVEL=warn",
		"PAYLINK_SANDBOX_URL=" + c.carriers.server.URL + "/sandbox", "PAYLINK_SANDBOX_KEY=" + key,
	}, settings...)
	c.createMerchant()
	for range count {
		c.addNode()
	}
	for _, n := range c.nodes {
		n.awaitReady()
	}
	return c
}

func (c *cluster) createMerchant() {
	c.t.Helper()
	create := exec.Command(program, "admin", "create", "--merchant", "Acme Retail", "--email", "owner@acme.example")
	create.Dir, create.Env = c.dir, append(os.Environ(), c.env...)
	out, err := create.Output()
	if err != nil {
		c.t.Fatalf("paylink admin create: %v\n%s", err, out)
	}
	var made struct {
		TestKey string `json:"test_key"`
	}
	if err := json.Unmarshal(out, &made); err != nil {
		c.t.Fatal(err)
	}
	c.key = made.TestKey
}

// addNode starts one more, with settings of its own.
func (c *cluster) addNode(settings ...string) *node {
	n := &node{public: freeAddress(c.t), admin: freeAddress(c.t)}
	n.env = slices.Concat(c.env, []string{"PAYLINK_LISTEN=" + n.public, "PAYLINK_ADMIN_LISTEN=" + n.admin}, settings)
	n.backend = c.front.add(c.t, n.public, n.admin)
	c.nodes = append(c.nodes, n)
	c.run(n)
	return n
}

// run starts the program at the node's place.
func (c *cluster) run(n *node) {
	n.process = start(c.t, "node "+n.public, c.dir, n.env, "serve")
}

// awaitReady waits until the front sends it requests.
func (n *node) awaitReady() {
	n.t.Helper()
	n.await(func() bool { return n.backend.ready.Load() })
}

// get asks the API, at the front or at one node.
func (c *cluster) get(base, path string, into any) (int, error) {
	req, err := http.NewRequest(http.MethodGet, base+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return res.StatusCode, nil
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}
