package store_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// millions fills a database with one merchant's links and customers: every hundredth is one of a kind that is
// rare, nearly all ask for the same amount, and every customer has a phone and an address of its own.
const millions = `
	INSERT INTO customers (merchant_id, id, livemode, name, phone, email, locale, created_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
	SELECT 'mer_a', 'cust_' || CAST(100000000 + i AS TEXT), 0, 'n', '+91' || CAST(1000000000 + i / 3 AS TEXT),
		'A' || CAST(i AS TEXT) || '@example.com', '', 0 FROM n;
	INSERT INTO codes (key, slot, merchant_id, link_id)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
	SELECT i, 0, 'mer_a', 'plink_' || CAST(100000000 + i AS TEXT) FROM n;
	INSERT INTO links (merchant_id, id, livemode, status, revision, amount, currency, description, reference, customer_id,
		usage_mode, max_payments, expires_at, channels, methods, return_url, metadata, notes, on_late, on_duplicate,
		amount_paid, payments_count, in_flight, attempts, latest_declined, archived_at,
		hold, code_key, code_slot, token, created_at, updated_at, created_by, next_due_at, promised_for, refresh_asked_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
	SELECT 'mer_a', 'plink_' || CAST(100000000 + i AS TEXT), CASE WHEN i %% 100 = 7 THEN 1 ELSE 0 END,
		CASE i %% 100 WHEN 1 THEN 'failed' WHEN 2 THEN 'cancelled' WHEN 3 THEN 'pending' ELSE 'paid' END, 1,
		CASE WHEN i %% 100 = 4 THEN i * 100 ELSE 245000 END, 'INR', 'Order ' || CAST(i AS TEXT),
		CASE WHEN i %% 2 = 0 THEN 'order-' || CAST(i AS TEXT) END,
		'cust_' || CAST(100000000 + i AS TEXT), 'single', 0, 0, '[]', '[]', '', '{}', '', '', '', 0, 0, 0, 0, 0,
		CASE WHEN i %% 100 = 5 THEN 1 END, '', i, 0, '', 0, 0, '',
		CASE WHEN i %% 4 = 0 THEN i END, CASE WHEN i %% 100 = 8 THEN i END, CASE WHEN i %% 100 = 9 THEN i END FROM n;`

// looks are the ways in which people look for links; each finds something among the crowd.
var looks = map[string]store.LinkFilter{
	"all":                  {},
	"later page":           {From: "plink_100005000"},
	"live":                 {Live: true},
	"a status":             {Status: paylink.LinkPaid},
	"a rare status":        {Status: paylink.LinkFailed},
	"a rare closed status": {Status: paylink.LinkCancelled},
	"archived":             {Archived: true},
	"customer":             {Customer: "cust_100000150"},
	"phone":                {Phone: "+911000000050"},
	"email":                {Email: "a150@example.com"},
	"reference":            {Reference: "order-150"},
	"the usual amount":     {AmountMin: 245000, AmountMax: 245000},
	"a rare amount":        {AmountMin: 40400, AmountMax: 40400},
	"rare amounts":         {AmountMin: 246000, AmountMax: 300000},
	"usual amounts":        {AmountMin: 1, AmountMax: 300000},
	"overdue, many":        {DueBefore: time.UnixMicro(1 << 40)},
	"overdue, few":         {DueBefore: time.UnixMicro(400)},
	"due on a day":         {DueAfter: time.UnixMicro(1000), DueBefore: time.UnixMicro(1500)},
	"due from a day":       {DueAfter: time.UnixMicro(1)},
	"promised":             {Promised: true},
	"promised and overdue": {Promised: true, DueBefore: time.UnixMicro(1 << 40)},
	"asking":               {Asking: true},
	"two at once":          {Phone: "+911000000050", Status: paylink.LinkPaid},
	"link":                 {Search: store.Search{Link: "plink_100000150"}},
	"code":                 {Search: store.Search{Code: store.Code{Key: 150, Is: true}}},
	"typed phone":          {Search: store.Search{Phone: "+911000000050", Reference: "x", Words: "x"}},
	"typed email":          {Search: store.Search{Email: "A150@Example.com"}},
	"typed amount":         {Search: store.Search{Amount: paylink.Money{Minor: 40400, Currency: "INR"}, Reference: "404", Words: "404"}},
	"the usual, typed":     {Search: store.Search{Amount: paylink.Money{Minor: 245000, Currency: "INR"}}},
	"typed reference":      {Search: store.Search{Reference: "order-150", Words: "order-150"}},
	"a common beginning":   {Search: store.Search{Reference: "order", Words: "order"}},
}

// nothing of these is there, and looking for it must cost a page no more than finding something.
var vain = map[string]store.LinkFilter{
	"a channel of no link": {Channel: paylink.ChannelEmail},
	"words of no link":     {Search: store.Search{Reference: "tea", Words: "tea"}},
	"a phone of nobody":    {Phone: "+917"},
	"before all":           {CreatedBefore: time.UnixMilli(1)},
	"after all":            {CreatedAfter: time.UnixMilli(1 << 47)},
	"both kinds":           {Status: paylink.LinkFailed, AmountMin: 245001, AmountMax: 245001},
	"due in vain":          {DueAfter: time.UnixMicro(1 << 40)},
	"due and expired":      {DueBefore: time.UnixMicro(1 << 40), Status: paylink.LinkExpired},
	"promised, with money": {Promised: true, AmountMin: 245001, AmountMax: 245001},
	"both wait":            {Promised: true, Asking: true},
	"a payment of nobody":  {Search: store.Search{Payment: "pay_1", PaymentReference: "R"}},
}

// A look through every link of a merchant is quick in a test and slow among a million. What is checked is
// how many rows PostgreSQL touches among a hundred thousand, with its planner as it is.
func TestNoLookReadsAllLinksOnPostgres(t *testing.T) {
	s := storetest.Open(t, "postgres")
	addMerchants(t, s, "mer_a")
	crowded(t, s, 100_000)
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.Script(`ANALYZE links; ANALYZE customers; ANALYZE codes`) }); err != nil {
		t.Fatal(err)
	}
	const most = 2500 // rows: a thousand links, and the index entries that lead to them
	eachLook(t, s, func(name string, heard []store.Asked) {
		rows, plans := 0, ""
		for _, a := range heard {
			a.Q = "(ANALYZE, TIMING OFF) " + a.Q
			plan := s.PlanOnPostgres(t, a)
			plans += plan
			for _, n := range touched.FindAllStringSubmatch(plan, -1) {
				some, _ := strconv.Atoi(n[1] + n[3])
				loops, _ := strconv.Atoi(n[2])
				rows += some * max(1, loops)
			}
		}
		if rows > most || strings.Contains(plans, "Seq Scan") {
			t.Errorf("%s touches %d rows:\n%s", name, rows, plans)
		}
	})
}

// touched are the rows that a step of a plan gave or threw away.
var touched = regexp.MustCompile(`Scan.*\(actual rows=(\d+)(?:\.\d+)? loops=(\d+)\)|Rows Removed by (?:Filter|Index Recheck): (\d+)`)

// SQLite chooses its plan without a look at the rows, so a few of them will do: no step may go through all
// links of a merchant, or sort them.
func TestNoLookReadsAllLinksOnSQLite(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	addMerchants(t, s, "mer_a")
	crowded(t, s, 3000)
	eachLook(t, s, func(name string, heard []store.Asked) {
		for _, a := range heard {
			for _, step := range s.Plan(t, a) {
				astray := strings.Contains(a.Q, " AND id IN (") && strings.HasPrefix(step, "SEARCH links ") && !strings.Contains(step, "id=?)")
				if unindexed.MatchString(step) || wholeMerchant.MatchString(step) || astray {
					t.Errorf("%s: %q", name, step)
				}
			}
		}
	})
}

// wholeMerchant is a step that narrows nothing further, along an index that has not the list's order: along
// one that has, a walk ends when it has seen enough.
var wholeMerchant = regexp.MustCompile(`^SEARCH (l|links|c|customers) USING (COVERING )?INDEX (sqlite_|customers_|links_by_(amount|customer|reference|past|due)|links_(open|closed)).*\(merchant_id=\?( AND livemode=\?)?\)$`)

func crowded(t *testing.T, s *store.Store, links int) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.Script(fmt.Sprintf(millions, links)) })
	if err != nil {
		t.Fatal(err)
	}
}

// eachLook does every look, and tells whether it found what it should.
func eachLook(t *testing.T, s *store.Store, check func(name string, heard []store.Asked)) {
	t.Helper()
	for some, all := range map[bool]map[string]store.LinkFilter{true: looks, false: vain} {
		for name, f := range all {
			f.Merchant, f.Limit = "mer_a", 20
			var page store.LinkPage
			heard := s.Listen(t, func(r store.Reader) (err error) { page, err = r.FindLinks(f); return err })
			if found := len(page.Links) > 0; found != some {
				t.Errorf("%s finds %d links", name, len(page.Links))
			}
			check(name, heard)
		}
	}
}
