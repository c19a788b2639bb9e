package node

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"paylink/keyring"
	"paylink/store"
)

// judgeAddresses looks at what is open to whom.
func (p Patient) judgeAddresses() []Finding {
	const admin = "settings.admin_listen"
	var all []Finding
	host, _, err := net.SplitHostPort(p.AdminListen)
	addr, addrErr := netip.ParseAddr(host)
	const do = "Set PAYLINK_ADMIN_LISTEN to 127.0.0.1:8081, or to an address of the network in which only your monitoring is."
	switch {
	case err != nil:
		all = append(all, bad(LevelFail, admin, "The admin address is not host:port.", do))
	case host == "localhost" || addrErr == nil && (addr.IsLoopback() || addr.IsPrivate()):
		all = append(all, ok(admin, "Metrics and health are answered at "+p.AdminListen+", inside."))
	case host == "" || addrErr == nil && addr.IsUnspecified():
		all = append(all, bad(LevelWarn, admin, "Metrics and health are answered on every address of this machine.", do))
	default:
		all = append(all, bad(LevelFail, admin, "Metrics and health are answered at "+p.AdminListen+", which may be reached from outside.", do))
	}
	return append(all, p.judgeProxies())
}

func (p Patient) judgeProxies() Finding {
	const about = "settings.trusted_proxies"
	switch host, _, _ := net.SplitHostPort(p.Listen); {
	case len(p.Proxies) > 0:
		return okf(about, "%d networks of load balancers are believed.", len(p.Proxies))
	case strings.HasPrefix(p.PublicURL, "https://") && (host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"):
		return bad(LevelWarn, about, "The public URL is https and this server listens on loopback: it stands behind a proxy, and takes that for every client.",
			"Set PAYLINK_TRUSTED_PROXIES to the proxy's address, so that limits count the real clients.")
	}
	return ok(about, "None are set: clients are taken for who connects.")
}

// judgeLive looks at the public URL, which matters once real money comes.
func (p Patient) judgeLive(read store.Reader) Finding {
	live, err := read.LiveAccounts()
	if err != nil {
		return bad(LevelFail, "database", "It does not answer: "+err.Error(), "Look into the database's log.")
	}
	return p.judgePublicURL(live)
}

func (p Patient) judgePublicURL(live bool) Finding {
	const about, do = "settings.public_url", "Set PAYLINK_PUBLIC_URL to the https URL that customers see, and give the server a certificate or a proxy that has one."
	u, err := url.Parse(p.PublicURL)
	switch {
	case p.PublicURL == "" && live:
		return bad(LevelFail, about, "A merchant takes real money and no public URL is set: links lead to the listening address.", do)
	case p.PublicURL == "":
		return ok(about, "It is not set: links lead to the listening address, which is right for trying out.")
	case err != nil || u.Host == "":
		return bad(LevelFail, about, "It cannot be read as a URL.", do)
	case u.Scheme == "https":
		return ok(about, "Links lead to "+p.PublicURL+".")
	case live:
		return bad(LevelFail, about, "A merchant takes real money and links lead to "+p.PublicURL+", without encryption.", do)
	case u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127."):
		return ok(about, "Links lead to "+p.PublicURL+", this machine: right for trying out.")
	}
	return bad(LevelWarn, about, "Links lead to "+p.PublicURL+", without encryption.", do)
}

// judgeLimits looks at how many files and connections the process may open.
func (p Patient) judgeLimits() Finding {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return bad(LevelWarn, "limits.files", "The limit of open files cannot be read: "+err.Error(), "Look at ulimit -n.")
	}
	return judgeFilesLimit(limit.Max)
}

// Go raises the soft limit to the hard one at the start, so only the hard one binds.
func judgeFilesLimit(most uint64) Finding {
	const about, do = "limits.files", "Raise it: LimitNOFILE=65536 in the unit, or ulimit -Hn in the shell that starts the server."
	switch {
	case most < 1024:
		return bad(LevelFail, about, fmt.Sprintf("At most %d files and connections may be open.", most), do)
	case most < 8192:
		return bad(LevelWarn, about, fmt.Sprintf("At most %d files and connections may be open; each open page is one.", most), do)
	}
	return okf(about, "Up to %d files and connections may be open.", most)
}

// judgeSandbox asks a sandbox in a process of its own whether it is there.
func (p Patient) judgeSandbox(ctx context.Context) Finding {
	const about = "sandbox"
	if p.SandboxURL == "" {
		return ok(about, "The one inside is used.")
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.SandboxURL+"/static/phone.js", nil)
	if err == nil {
		var answer *http.Response
		if answer, err = http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close() // that there is one is enough
			return ok(about, "It answers at "+p.SandboxURL+".")
		}
	}
	return bad(LevelFail, about, "Nobody answers at "+p.SandboxURL+".", "Start it: paylink sandbox --paylink … --key …; test links wait for it.")
}

// judgeKeyFile looks at the key ring without making one.
func (p Patient) judgeKeyFile() Finding {
	const about = "keys.file"
	info, err := os.Stat(p.KeyFile)
	switch {
	case os.IsNotExist(err):
		return bad(LevelWarn, about, "There is no key ring at "+p.KeyFile+" yet.", "The first start makes it. If this is not the first, put the file back before any start: every link hangs on it.")
	case err != nil:
		return bad(LevelFail, about, err.Error(), "Let the account that runs paylink read it.")
	case info.Mode().Perm()&0o077 != 0:
		return bad(LevelFail, about, fmt.Sprintf("The key ring %s has mode %04o: others on this machine can read it.", p.KeyFile, info.Mode().Perm()), "Run chmod 600 on it. If others were on this machine, rotate the keys.")
	}
	return ok(about, "The key ring is there, for its owner only.")
}

// judgeKeys compares the key ring with the database.
func (p Patient) judgeKeys(read store.Reader) []Finding {
	const about = "keys"
	all := []Finding{p.judgeKeyFile(), p.judgeKeyFolder()}
	if _, err := os.Stat(p.KeyFile); err != nil {
		return all
	}
	ring, err := keyring.Open(p.KeyFile, time.Time{}) // it is there, so none is made
	if err != nil {
		return append(all, bad(LevelFail, about, err.Error(), "Put the key file of this installation back."))
	}
	known, err := read.KeySlots()
	used, usedErr := read.CodeSlotsInUse()
	if err != nil || usedErr != nil {
		return append(all, bad(LevelFail, "database", "It does not answer about keys.", "Look into the database's log."))
	}
	return append(all, judgeRing(ring, known, used))
}

func judgeRing(ring *keyring.Ring, known map[int]string, used []int) Finding {
	const about, do = "keys", "Put the key file of this installation back, from its copy; a server refuses to start with this one."
	for slot, print := range known {
		if mine, err := ring.Fingerprint(slot); err == nil && mine != print {
			return bad(LevelFail, about, fmt.Sprintf("Slot %d of the key ring is not the key that this database was made with.", slot), do)
		}
	}
	for _, slot := range used {
		if _, err := ring.Fingerprint(slot); err != nil {
			return bad(LevelFail, about, fmt.Sprintf("Payable links hang on slot %d, which the key ring does not hold.", slot), do)
		}
	}
	return okf(about, "The ring fits the database; %d slots are held.", len(ring.Slots()))
}

func (p Patient) judgeKeyFolder() Finding {
	const about = "keys.folder"
	file, isFile := strings.CutPrefix(p.DatabaseURL, "sqlite://")
	if isFile && filepath.Dir(file) == filepath.Dir(p.KeyFile) {
		return bad(LevelWarn, about, "The key ring lies beside the database: a copy of the folder opens everything in it, and a lost disk takes both.",
			"Keep a copy of the key file elsewhere, and out of the database's backups; or set PAYLINK_KEY_FILE to another folder.")
	}
	return ok(about, "The key ring lies apart from the database.")
}
