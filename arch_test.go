package paylink_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A room is a package: what it may import of ours, and why no more. Levels are those of the design:
// a room imports from its own level and below, only what is named here. The root package is "/".
type room struct {
	name  string
	level int
	may   string // separated by spaces
	why   string
}

var rooms = []room{
	{"/", 0, "", "everyone speaks the nouns, so they stand on the standard library alone"},
	{"client", 0, "", "others import it without the server: a module of its own, on the standard library alone"},
	{"durable", 0, "", "a name that outlives a power cut is made the same way for all"},
	{"keyring", 0, "durable", "keys know nothing of what they protect"},
	{"outbound", 0, "", "the guard is the same whoever calls out"},
	{"telemetry", 0, "/", "it counts what it is told and knows nobody who tells; of the nouns, only how a context names its trace"},
	{"gsm", 0, "", "a text has as many segments whoever sends it"},
	{"locale", 0, "/ gsm", "texts are about nouns, and what fits into a text message; who sends or shows them is not theirs to know"},

	{"sheet", 1, "", "a table is read the same way whatever its columns mean"},
	{"token", 1, "/ keyring", "a code is judged without a database, in constant time"},
	{"wording", 1, "/ gsm locale", "what a merchant's own words may hold is judged from the words alone"},
	{"rules", 1, "/", "when a customer may be written to is judged from facts alone: law, clocks, registered texts"},
	{"store", 1, "/ durable", "the store keeps facts; rules and secrets belong to others"},
	{"provider", 1, "/ keyring outbound", "what every provider has in common, whichever port it stands behind"},
	{"provider/sandboxwire", 1, "provider outbound", "one side of one wire, shared by the two sandbox adapters"},
	{"provider/httpwire", 1, "outbound provider", "what is the same on every HTTP wire, of gateways and carriers; it names none"},
	{"gateway", 1, "/ provider", "a port: it knows no gateway and no step"},
	{"gateway/paywire", 1, "/", "amounts and names are written alike on every gateway's wire; it names none"},
	{"channel", 1, "/ provider", "a port: it knows no carrier and no step"},
	{"channel/carrierwire", 1, "/ channel provider", "numbers and receipts are alike on every HTTP carrier's wire; it names none"},
	{"sandbox", 1, "/", "the pretend world is spoken to over HTTP, as a real one; it may not see our side"},

	{"gateway/sandbox", 2, "/ gateway provider provider/sandboxwire outbound", "it speaks to the sandbox as to a stranger: over HTTP"},
	{"gateway/adyen", 2, "/ gateway gateway/paywire outbound provider provider/httpwire", "it translates for one gateway and decides nothing"},
	{"gateway/cashfree", 2, "/ gateway gateway/paywire outbound provider provider/httpwire", "it translates for one gateway and decides nothing"},
	{"gateway/razorpay", 2, "/ gateway gateway/paywire outbound provider provider/httpwire", "it translates for one gateway and decides nothing"},
	{"gateway/stripe", 2, "/ gateway gateway/paywire outbound provider provider/httpwire", "it translates for one gateway and decides nothing"},
	{"gateway/payu", 2, "/ gateway gateway/paywire outbound provider provider/httpwire", "it translates for one gateway and decides nothing"},
	{"channel/sandbox", 2, "/ channel provider provider/sandboxwire outbound", "it speaks to the sandbox as to a stranger: over HTTP"},
	{"channel/awssms", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "it translates for one carrier and decides nothing"},
	{"channel/generic", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "it translates for the carrier that an account describes and decides nothing"},
	{"channel/msg91", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "it translates for one carrier and decides nothing"},
	{"channel/plivo", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "it translates for one carrier and decides nothing"},
	{"channel/twilio", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "it translates for one carrier and decides nothing"},
	{"channel/vonage", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "it translates for one carrier and decides nothing"},
	{"channel/smtp", 2, "/ channel provider outbound", "an adapter translates, and knows no step and no table"},
	{"channel/smpp", 2, "/ channel gsm outbound provider", "a translator to one protocol; connections go through the guard"},
	{"channel/whatsapp", 2, "/ channel channel/carrierwire outbound provider provider/httpwire", "a carrier is called by the guarded client and judged by the steps"},
	{"channel/pushwire", 1, "channel provider outbound", "one kind of proof and of notification, shared by the adapters of push services"},
	{"channel/pushwire/pushtest", 1, "", "it asks a judge who is not ours; what is judged, the adapter's test says"},
	{"channel/webpush", 2, "/ channel channel/pushwire provider outbound", "a browser's push service is called by the guarded client"},
	{"channel/fcm", 2, "/ channel channel/pushwire provider outbound", "a push service is called by the guarded client and judged by the steps"},
	{"channel/apns", 2, "/ channel channel/pushwire provider outbound", "a push service is called by the guarded client and judged by the steps"},
	{"provider/providertest", 2, "provider", "the suite holds for every provider, so it names none"},
	{"provider/schematest", 2, "", "it starts a judge who is not ours; what he judges, the adapter's test says"},
	{"provider/sandboxtest", 2, "/ outbound provider provider/providertest provider/sandboxwire sandbox", "it puts the real sandbox behind a provider's suite"},
	{"gateway/gatewaytest", 2, "/ gateway provider provider/providertest", "the suite holds for every gateway, so it names none"},
	{"channel/carrierwire/carriertest", 2, "/ channel outbound", "fakes of carriers are built from it; it may not see the adapters' wire"},
	{"channel/channeltest", 2, "/ channel provider provider/providertest", "the suite holds for every carrier, so it names none"},
	{"store/storetest", 2, "store", "every store test runs on both databases through it"},
	{"queue", 2, "/ store", "it runs jobs by their kind; the rooms that do the work come to it"},
	{"ledger", 2, "/ store", "the books are written by whoever changes what they are about; the ledger knows no step"},
	{"routing", 2, "/ gateway provider store", "which account takes a payment is judged from facts alone; calling it is checkout's"},
	{"audit", 2, "/ durable keyring store", "it seals what others wrote, signs where that stands, and takes part in nothing"},
	{"audit/audittest", 3, "/ store ledger", "it writes what the steps would, so that there is much to read; it knows no step"},
	{"refund/record", 2, "/ gateway ledger store", "what becomes of a refund is written alike by the steps that decide and that hear; it decides nothing"},
	{"access", 2, "/ store", "who may do what is asked before any step runs"},
	{"backup", 2, "durable store", "an archive is rows of tables, whatever they mean"},
	{"queue/queuetest", 3, "queue store", "it does a test's jobs and knows no step"},

	{"issue", 3, "/ keyring ledger token store queue locale rules wording", "steps hand over through rows, never by calling each other; money that was taken outside goes into the books as it is recorded"},
	{"dispatch", 3, "/ gsm keyring token store queue channel provider locale rules wording", "steps hand over through rows"},
	{"checkout", 3, "/ keyring token store queue gateway provider routing", "steps hand over through rows"},
	{"confirm", 3, "/ keyring store queue gateway provider ledger refund/record", "steps hand over through rows; only it takes a gateway's word"},
	{"refund", 3, "/ keyring store queue gateway provider refund/record", "steps hand over through rows; the gateway is told by it alone"},
	{"inbox", 3, "/ keyring store token", "who may look into an inbox is judged before anything in it is read; rows join it with dispatch"},
	{"notify", 3, "/ channel keyring provider store queue outbound token", "steps hand over through rows"},

	{"connect", 3, "/ channel gateway keyring outbound provider store", "a merchant's accounts are judged by what their providers ask for; no step needs to know how they came"},

	{"attach", 3, "/ keyring store", "files are kept before a link names them and handed over after: rows join the three steps"},

	{"issue/bulk", 4, "/ issue keyring queue sheet store", "it stands before issue and drives it: a file's rows become drafts, and every link is issue's own"},
	{"issue/find", 4, "/ issue keyring store token", "a text means the same in every search box; a phone number is what issue takes for one"},

	{"customer", 4, "/ issue keyring queue store token", "what is done to a person; it stands before issue, which judges addresses and withdraws links"},

	{"web/static", 4, "", "files and their names"},
	{"web/qr", 4, "", "a text as a picture, for whoever shows one"},
	{"web/respond", 4, "/ store", "the one place that turns kinds of errors into statuses; of the store it knows how it says that it cannot"},
	{"web/api", 4, "/ confirm refund gateway wording keyring token sheet store access attach connect customer dispatch inbox issue issue/bulk issue/find notify outbound provider web/qr web/respond ledger", "a change goes to a step, a read to the store"},
	{"web/paypage", 4, "/ checkout issue notify locale web/qr web/respond web/static", "it sees what checkout shows of a link, and no table; issue gives the time that a customer asks for"},
	{"web/inbound", 4, "/ provider confirm dispatch web/respond", "a provider's word goes to the step that judges it"},
	{"web/unsubscribe", 4, "/ dispatch locale web/paypage web/respond", "one click goes to the step that keeps the list; its page wears the payment page's style sheet"},
	{"web/reference", 4, "web/respond web/static", "it shows a document, whatever it says, and asks nobody"},
	{"web/dashboard", 4, "/ confirm refund rules wording keyring token sheet store queue access attach connect customer inbox issue issue/bulk issue/find notify locale provider web/api web/qr web/respond web/static ledger", "a change goes to a step, a parked job to the queue, a read to the store; what a template says are fields of the API, read in one place; when messages go out is said by the rules that hold them"},

	{"web", 5, "/ access web/api web/dashboard web/inbound web/paypage web/reference web/respond web/static web/unsubscribe", "every URL in one list, and what all doors share"},

	{"cli", 5, "client", "it speaks to any server as a stranger: over the API"},

	{"cmd/paylink/node", 6, "*", "the wiring, as a package that tests and benchmarks can import"},
	{"cmd/paylink/listen", 6, "", "addresses and certificates, whatever is answered there"},
	{"cmd/paylink/systemd", 6, "", "four words to the service manager"},
	{"cmd/paylink", 6, "/ audit backup cli cmd/paylink/listen cmd/paylink/node cmd/paylink/systemd keyring sandbox store web/respond", "settings and commands; the wiring is node's, but verify opens a database without one, and cli knows none"},
	{"bench/baseline", 6, "", "what the measurements are compared with uses nothing of ours"},
	{"bench", 6, "bench/baseline", "a driver that knows the program from outside"},
	{"story/built", 6, "", "it builds the program and knows nothing of what is told about it"},
	{"story/loss/powercut", 6, "", "a disk knows nothing of what is written to it"},
	{"docs/states", 6, "/", "it draws the nouns' tables"},
}

// notBuiltYet names rooms that the table has and the tree has not. It may only shrink.
var notBuiltYet = []string{}

// steps never import each other: a crash between two of them must lose nothing, so they hand over
// through rows written in one transaction.
const stepLevel = 3

// An import that the design does not have is a short cut around a rule: a page that reads tables, a
// step that calls another, a sandbox that looks into our side.
func TestRoomsImportOnlyWhatTheirLineNames(t *testing.T) {
	table, found := map[string]room{}, packages(t)
	for _, r := range rooms {
		table[r.name] = r
		if r.why == "" {
			t.Errorf("%s: the line gives no reason", r.name)
		}
		if _, ok := found[r.name]; ok == slices.Contains(notBuiltYet, r.name) {
			t.Errorf("%s: it is in the tree: %t; in notBuiltYet: %t", r.name, ok, slices.Contains(notBuiltYet, r.name))
		}
		for _, other := range strings.Fields(r.may) {
			o, ok := table[other]
			if other != "*" && (!ok || o.level > r.level || o.level == r.level && r.level == stepLevel) {
				t.Errorf("%s may import %s: it is on a higher level, another step, or no room above this line", r.name, other)
			}
		}
	}
	for name, p := range found {
		r, ok := table[name]
		if p.tests {
			continue // tests may import more
		}
		if !ok {
			t.Errorf("%s has no line in the table of rooms", name)
			continue
		}
		may := strings.Fields(r.may)
		for imported, file := range p.ours {
			if r.may != "*" && !slices.Contains(may, imported) {
				t.Errorf("%s imports %s; %s may import [%s], because: %s", file, imported, name, r.may, r.why)
			}
		}
		if (name == "/" || name == "client") && len(p.foreign) > 0 {
			t.Errorf("%s imports %v; it stands on the standard library alone", name, p.foreign)
		}
	}
}

// A module that is used everywhere can never be left again; each of these has one home.
func TestModulesStayInTheirRooms(t *testing.T) {
	homes := map[string]string{
		"modernc.org/sqlite":               "store story/simulation story/loss bench/baseline",
		"github.com/jackc/pgx/v5":          "store store/storetest story/simulation bench bench/baseline",
		"github.com/hanwen/go-fuse/v2":     "story/loss/powercut",
		"github.com/danielgtaylor/huma/v2": "web web/api web/respond",
		"github.com/alecthomas/kong":       "cmd/paylink cli",
		"github.com/a-h/templ":             "sandbox web/paypage web/dashboard web/reference web/respond web/unsubscribe",
		"code.dny.dev/ssrf":                "outbound",
		"github.com/BurntSushi/toml":       "cmd/paylink",
		"github.com/caddyserver/certmagic": "cmd/paylink/listen",
		"go.uber.org/zap":                  "cmd/paylink/listen",
		"github.com/prometheus":            "telemetry",
		"golang.org/x/image":               "attach",
		"github.com/wneessen/go-mail":      "channel/smtp",
		"github.com/emersion/go-msgauth":   "channel/smtp",
		"go.opentelemetry.io":              "telemetry",
	}
	for name, p := range packages(t) {
		for _, imported := range p.foreign {
			for module, rooms := range homes {
				if (imported == module || strings.HasPrefix(imported, module+"/")) && !slices.Contains(strings.Fields(rooms), name) {
					t.Errorf("%s imports %s, whose home is [%s]", name, imported, rooms)
				}
			}
		}
	}
}

// A reader opens a package by its comment; a name like util says nothing to a merchant.
func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for name, p := range packages(t) {
		if p.comments == 0 {
			t.Errorf("%s has no package comment", name)
		}
		if p.comments > 1 {
			t.Errorf("%s has %d package comments; one file opens the package", name, p.comments)
		}
		for _, segment := range strings.Split(name, "/") {
			if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "models", "services", "internal", "pkg"}, segment) {
				t.Errorf("%s: name the room for what is done in it, not %q", name, segment)
			}
		}
	}
}

// A pack is what the rules need to know of one package.
type pack struct {
	ours     map[string]string // room → the file that imports it
	foreign  []string
	comments int
	tests    bool // it holds nothing but tests
}

// packages reads the imports of every package in the tree. Test files may import more; a package of
// test files only counts with its tests.
func packages(t *testing.T) map[string]*pack {
	t.Helper()
	found := map[string]*pack{}
	goFiles(t, func(name string) {
		isTest := strings.HasSuffix(name, "_test.go")
		if isTest && !testsOnly(t, path.Dir(name)) {
			return
		}
		file := parse(t, name)
		dir := strings.TrimPrefix(path.Dir(name), ".")
		if dir == "" {
			dir = "/"
		}
		p := found[dir]
		if p == nil {
			p = &pack{ours: map[string]string{}, tests: isTest}
			found[dir] = p
		}
		p.add(t, name, file)
	})
	return found
}

func (p *pack) add(t *testing.T, name string, file *ast.File) {
	if file.Doc != nil && !strings.HasSuffix(name, "_templ.go") {
		p.comments++
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		switch rest, ours := strings.CutPrefix(imported, "paylink"); {
		case ours && rest == "":
			p.ours["/"] = name
		case ours && rest[0] == '/':
			p.ours[rest[1:]] = name
		case strings.Contains(strings.Split(imported, "/")[0], "."):
			p.foreign = append(p.foreign, imported)
		}
	}
}

func testsOnly(t *testing.T, dir string) bool {
	names, err := filepath.Glob(path.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(names, func(n string) bool { return !strings.HasSuffix(n, "_test.go") })
}

// goFiles calls each with the path of every Go file of the module, with forward slashes.
func goFiles(t *testing.T, each func(name string)) {
	t.Helper()
	treeFiles(t, func(name string) {
		if strings.HasSuffix(name, ".go") {
			each(name)
		}
	})
}

// treeFiles calls each for every file that is ours: what is fetched, built or hidden is left out.
func treeFiles(t *testing.T, each func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || name == "data"):
			return fs.SkipDir
		case d.Type().IsRegular() && name != ".git": // where the tree is one of several of a repository
			each(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
