package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// notice makes one that has just come in; change makes it another.
func notice(id paylink.NoticeID, digest string, change func(*paylink.Notice)) paylink.Notice {
	n := paylink.Notice{
		ID: id, Merchant: "mer_a", Kind: paylink.AccountGateway, Provider: "sandbox", Account: "acct_1",
		Digest: []byte(digest), Body: []byte("sealed"), Verdict: paylink.NoticeReceived, ReceivedAt: noon,
	}
	if change != nil {
		change(&n)
	}
	return n
}

// keep keeps a notice and tells whether it was the first.
func keep(t *testing.T, s *store.Store, n paylink.Notice) (first bool) {
	t.Helper()
	kept, err := s.KeepNotice(t.Context(), n, paylink.Job{ID: paylink.NewJobID(noon), Kind: "test", Merchant: n.Merchant})
	if err != nil {
		t.Error(err)
	}
	return kept == n.Verdict
}

// The raw notice is the only copy of a gateway's word; a byte that is lost makes it unreadable.
func TestNoticeComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := []paylink.Notice{
			notice("ntc_2", "\x00\xff", func(n *paylink.Notice) {
				n.Kind, n.Provider, n.Body = paylink.AccountChannel, odd, []byte{0, 0xff, '\'', 0}
				n.Verdict, n.Reason, n.Payment, n.Message, n.JudgedAt = paylink.NoticeRefused, "bad_signature", "pay_1", "msg_1", noon.Add(time.Second)
			}),
			notice("ntc_1", "d", nil),
		}
		live := notice("ntc_3", "e", func(n *paylink.Notice) { n.Live = true })
		for _, n := range append(slices.Clone(all), live) {
			if !keep(t, s, n) {
				t.Errorf("%s was not kept", n.ID)
			}
			got, err := s.Read(t.Context()).Notice("mer_a", n.ID)
			same(t, string(n.ID), n, got, err)
			_, err = s.Read(t.Context()).Notice("mer_b", n.ID)
			missing(t, "notice", string(n.ID), err)
		}
		got, err := s.Read(t.Context()).Notices("mer_a", false, "", "", 9)
		same(t, "the list", all, got, err)
	})
}

// A gateway repeats a notice until it is answered, forty times at once if need be. One is understood,
// and what was refused as forged before must not shut the genuine one out.
func TestFirstGenuineNoticeIsUnderstood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i, verdict := range []paylink.Verdict{paylink.NoticeRefused, paylink.NoticeRefused, paylink.NoticeReplayed} {
			if !keep(t, s, notice(paylink.NoticeID(fmt.Sprint("ntc_", i)), "d", func(n *paylink.Notice) { n.Verdict = verdict })) {
				t.Errorf("%s was not kept", verdict)
			}
		}
		var firsts atomic.Int64
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				if keep(t, s, notice(paylink.NoticeID(fmt.Sprint("ntc_x", i)), "d", nil)) {
					firsts.Add(1)
				}
			})
		}
		all.Wait()
		if firsts.Load() != 1 {
			t.Errorf("%d of forty were the first", firsts.Load())
		}
		if !keep(t, s, notice("ntc_other", "d", func(n *paylink.Notice) { n.Account = "acct_2" })) {
			t.Error("another account's notice with the same body was taken for a repeat")
		}
		list, err := s.Read(t.Context()).Notices("mer_a", false, "", "", 101)
		same(t, "kept in all", 44, len(list), err)
		replays := 0
		for _, n := range list {
			if n.Verdict == paylink.NoticeReplayed && n.Reason == "known_already" && n.JudgedAt.Equal(noon) && len(n.Body) == 0 {
				replays++
			}
		}
		same(t, "replays", 39, replays, nil)
	})
}

// A notice that is judged twice counts its money twice.
func TestNoticeIsJudgedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		keep(t, s, notice("ntc_1", "d", nil))
		judged := notice("ntc_1", "d", func(n *paylink.Notice) {
			n.Verdict, n.Reason, n.Payment, n.Message, n.JudgedAt = paylink.NoticeApplied, odd, "pay_1", "msg_1", noon.Add(time.Second)
		})
		judge := func(n paylink.Notice) error {
			return s.Write(t.Context(), func(tx *store.Tx) error { tx.JudgeNotice(n); return nil })
		}
		stranger := judged
		stranger.Merchant = "mer_b"
		if code, _ := conflict(judge(stranger)); code != "notice_judged" {
			t.Error("another merchant judged it")
		}
		if err := judge(judged); err != nil {
			t.Fatal(err)
		}
		again := judged
		again.Verdict = paylink.NoticeStale
		if code, other := conflict(judge(again)); code != "notice_judged" || other != "ntc_1" {
			t.Errorf("the second verdict: %s %s", code, other)
		}
		got, err := s.Read(t.Context()).Notice("mer_a", "ntc_1")
		same(t, "the notice", judged, got, err)
		if keep(t, s, notice("ntc_2", "d", nil)) {
			t.Error("a judged notice's repeat was taken for the first")
		}
	})
}

// A list that skips a notice hides the one that a person looks for.
func TestPagesOfNoticesHaveNoGapAndNoRepeat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var want, got []paylink.NoticeID
		for i := range 10 {
			id := paylink.NoticeID(fmt.Sprintf("ntc_%c", []rune("Zab_09éAzy")[i]))
			want = append(want, id)
			keep(t, s, notice(id, fmt.Sprint("a", i), nil))
			keep(t, s, notice(id, fmt.Sprint("b", i), func(n *paylink.Notice) { n.Merchant = "mer_b" }))
			keep(t, s, notice(id+"live", fmt.Sprint("c", i), func(n *paylink.Notice) { n.Live = true }))
		}
		slices.Sort(want)
		slices.Reverse(want)
		for before := paylink.NoticeID(""); ; before = got[len(got)-1] {
			page, err := s.Read(t.Context()).Notices("mer_a", false, "", before, 3)
			if err != nil || len(page) == 0 {
				same(t, "paged", want, got, err)
				break
			}
			for _, n := range page {
				got = append(got, n.ID)
			}
		}
	})
}

// Carriers send a hundred receipts for each notice of a gateway: a list of one kind that skips some, or
// mixes the other in, hides what was refused.
func TestNoticesOfOneKind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		of := map[paylink.AccountKind][]paylink.NoticeID{}
		for i := range 9 {
			kind := paylink.AccountChannel
			if i%4 == 0 {
				kind = paylink.AccountGateway
			}
			id := paylink.NoticeID(fmt.Sprint("ntc_", i))
			of[kind], of[""] = append([]paylink.NoticeID{id}, of[kind]...), append([]paylink.NoticeID{id}, of[""]...)
			keep(t, s, notice(id, fmt.Sprint(i), func(n *paylink.Notice) { n.Kind = kind }))
			keep(t, s, notice(id+"live", fmt.Sprint("live", i), func(n *paylink.Notice) { n.Kind, n.Live = kind, true }))
			keep(t, s, notice(id, fmt.Sprint("b", i), func(n *paylink.Notice) { n.Kind, n.Merchant = kind, "mer_b" }))
		}
		for kind, want := range of {
			var got []paylink.NoticeID
			for before := paylink.NoticeID(""); ; before = got[len(got)-1] {
				page, err := s.Read(t.Context()).Notices("mer_a", false, kind, before, 2)
				if err != nil || len(page) == 0 {
					same(t, fmt.Sprintf("kind %q", kind), want, got, err)
					break
				}
				for _, n := range page {
					got = append(got, n.ID)
				}
			}
		}
	})
}

// Raw notices hold personal data and are kept for ninety days: not shorter, and not longer.
func TestOldNoticesAreForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i := range 5 {
			keep(t, s, notice(paylink.NoticeID(fmt.Sprint("ntc_", i)), fmt.Sprint(i), func(n *paylink.Notice) {
				n.ReceivedAt = noon.Add(time.Duration(i) * time.Second)
			}))
		}
		var forgotten []int64
		for _, limit := range []int{2, 9, 9} {
			write(t, s, func(tx *store.Tx) {
				n, err := tx.ForgetNotices(noon.Add(3*time.Second), limit)
				if err != nil {
					t.Error(err)
				}
				forgotten = append(forgotten, n)
			})
		}
		list, err := s.Read(t.Context()).Notices("mer_a", false, "", "", 9)
		if err != nil || !slices.Equal(forgotten, []int64{2, 1, 0}) || len(list) != 2 || list[1].ID != "ntc_3" {
			t.Errorf("forgot %v, kept %v, %v", forgotten, list, err)
		}
	})
}

// A page that is opened on two devices, fetched by bots and paid on one must add up, and one device's
// visit is not another's.
func TestVisitsAddUpByKind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, other := link("mer_a", "plink_1", nil), link("mer_b", "plink_1", nil)
		write(t, s, func(tx *store.Tx) {
			tx.Visit(mine, "d1", paylink.VisitFetched, noon, 1<<60)
			tx.Visit(mine, "d1", paylink.VisitFetched, noon.Add(time.Second), 2)
			tx.Visit(mine, "d2", paylink.VisitFetched, noon, 3)
			tx.Visit(mine, "d2", paylink.VisitOpened, noon, 1)
			tx.Visit(other, "d1", paylink.VisitStarted, noon, 7)
			tx.Fetched([]store.Fetches{{Link: other, Times: 1}}, noon)
			tx.Fetched([]store.Fetches{{Link: mine, Times: 5}, {Link: other, Times: 3}}, noon.Add(time.Second))
		})
		read := s.Read(t.Context())
		got, err := read.VisitCounts("mer_a", "plink_1")
		same(t, "sums", map[paylink.VisitKind]int64{paylink.VisitFetched: 1<<60 + 10, paylink.VisitOpened: 1}, got, err)
		got, err = read.VisitCounts("mer_a", "plink_2")
		same(t, "sums of nothing", map[paylink.VisitKind]int64{}, got, err)
		got, err = read.VisitCounts("mer_b", "plink_1")
		same(t, "another merchant's sums", map[paylink.VisitKind]int64{paylink.VisitStarted: 7, paylink.VisitFetched: 4}, got, err)
	})
}
