// Package story tells what paylink does as text stories that a merchant could read, and plays each of
// them on the real program, over its command line and its wire, on both databases.
//
// It is for everyone who wants to know what is promised, and for CI. A story is a file *.txt here; its
// first lines say in a merchant's words what it tells. The words that stories use are the commands in
// commands, each explained at its function. What a single room promises is left to that room's own
// tests, and what a browser shows to story/browser.
package story

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"paylink/store/storetest"
	"paylink/story/built"
)

// commands are the words of a story, besides those of testscript itself.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	// The program.
	"paylink": cmdPaylink,
	// The merchant's program.
	"api": cmdAPI, "ask": cmdAsk, "link": cmdLink, "becomes": cmdBecomes, "eventually": cmdEventually,
	// What was answered.
	"status": cmdStatus, "answer": cmdAnswer, "count": cmdCount, "header": cmdHeader, "refused": cmdRefused,
	"remember": cmdRemember, "gapless": cmdGapless, "happened": cmdHappened,
	// The customer.
	"open": cmdOpen, "page": cmdPage, "submit": cmdSubmit, "press": cmdPress, "crowd": cmdCrowd, "alike": cmdAlike,
	// The sandbox.
	"phone": cmdPhone, "pay": cmdPay, "clock": cmdClock, "day": cmdDay, "promise": cmdPromise, "post": cmdPost,
	// The gateway's wire, listened to and imitated.
	"wire": cmdWire, "notice": cmdNotice,
	// The operator's backups.
	"load": cmdLoad, "database": cmdDatabase, "archive": cmdArchive,
	// The merchant's receiver of webhooks.
	"webhook": cmdWebhook,
	// The merchant's own provider of text messages.
	"carrier": cmdCarrier,
	// The push service, with the customer's browser.
	"pushes": cmdPushes,
	// The customer who proves it.
	"prove": cmdProve, "from": cmdFrom,
	// The thief.
	"leaks": cmdLeaks,
	// The developer at a terminal.
	"receiver": cmdReceiver, "said": cmdSaid,
	// The owner at the dashboard.
	"staff": cmdStaff,
}

// program is the paylink that is told about, built once from the tree; checker is the independent proof
// of its audit chain.
var program, checker string

// TestMain builds the program first.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(built.Run(m, &program, func(string) (err error) {
		checker, err = filepath.Abs("../docs/audit/check.mjs")
		return err
	}))
}

// What a merchant reads here is what the program does, on SQLite and on PostgreSQL alike.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			for _, file := range files {
				t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
					t.Parallel()
					tell(t, file, storetest.URL(t, kind))
				})
			}
		})
	}
}

// tell plays one story on one database.
func tell(t *testing.T, file, database string) {
	w := &world{t: t, database: database, name: strings.TrimSuffix(file, ".txt")}
	p := testscript.Params{Files: []string{file}, Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true}
	p.Setup = func(env *testscript.Env) error {
		w.dir = env.WorkDir
		env.Values[worldKey{}] = w
		env.Setenv("PATH", filepath.Dir(program)+string(filepath.ListSeparator)+env.Getenv("PATH"))
		env.Setenv("PAYLINK_DATABASE_URL", database)
		env.Setenv("CHECK", checker)
		env.Defer(w.end)
		return nil
	}
	if deadline, ok := t.Deadline(); ok {
		p.Deadline = deadline
	}
	testscript.RunT(direct{t}, p)
}

// direct lets testscript run its one file in the test that we made for it, which owns the database.
type direct struct{ *testing.T }

func (d direct) Run(_ string, f func(testscript.T)) { f(d) }
func (d direct) Parallel()                          {}
func (d direct) Verbose() bool                      { return testing.Verbose() }

// Each story begins with what it tells, so that the folder can be read without knowing the program.
func TestStoriesSayWhatTheyTell(t *testing.T) {
	files, err := filepath.Glob("*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(b), "\n"); !strings.HasPrefix(first, "# ") || len(first) < 30 {
			t.Errorf("%s does not begin with a sentence that says what it tells", file)
		}
	}
}
