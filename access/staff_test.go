package access

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
)

const goodPassword = "correct horse battery"

func (b *bench) staff(t *testing.T) paylink.Staff {
	t.Helper()
	p, err := b.NewStaff(t.Context(), "mer_a", " Asha@Example.com ", goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, func(tx *store.Tx) { tx.InsertStaff(p) })
	return p
}

// The way in and out, and what a session is worth before, during and after its twelve hours.
func TestSessionLastsTwelveHoursOrUntilSignOut(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.staff(t)
		token, s, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		want := paylink.Session{Hash: sessionHash(token), Staff: p.ID, Merchant: "mer_a", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(12 * time.Hour)}
		if fmt.Sprint(s) != fmt.Sprint(want) {
			t.Fatalf("%+v; want %+v", s, want)
		}
		b.pass(12*time.Hour - time.Microsecond)
		if got, err := b.Session(t.Context(), token); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%+v, %v", got, err)
		}
		b.pass(time.Microsecond)
		if _, err := b.Session(t.Context(), token); refusal(err) != "session_expired" {
			t.Fatal(err)
		}
		token, _, err = b.SignIn(t.Context(), "ASHA@example.com", goodPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SignOut(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		for _, dead := range []string{token, "", "x", strings.Repeat("x", 1000)} {
			if _, err := b.Session(t.Context(), dead); refusal(err) != "no_session" {
				t.Fatalf("%d characters: %v", len(dead), err)
			}
		}
	})
}

// A session that an attacker planted in the browser would become the victim's at sign-in.
func TestSignInGivesANewSessionAndEndsTheOld(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.staff(t)
		old, _, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.1", old)
		if err != nil || token == old {
			t.Fatal(err)
		}
		if _, err := b.Session(t.Context(), old); refusal(err) != "no_session" {
			t.Fatalf("the old session: %v", err)
		}
	})
}

// A password that anybody guesses, or an address that no mail reaches, is refused when it is set.
func TestNewStaffIsJudgedWhole(t *testing.T) {
	a := New(Deps{Now: func() time.Time { return noon }})
	for _, c := range []struct{ email, password, want string }{
		{"asha@example.com", goodPassword, "<nil>"},
		{"asha", "short", "invalid: /email bad_email, /password too_short"},
		{"Asha <asha@example.com>", strings.Repeat("x", 201), "invalid: /email bad_email, /password too_long"},
	} {
		p, err := a.NewStaff(t.Context(), "mer_a", c.email, c.password)
		if fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v", c.email, err)
		}
		if err == nil && !strings.HasPrefix(p.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("the password is kept as %.20s", p.Password)
		}
	}
}

// A stored hash that somebody damaged must lock the account out, never let everybody in.
func TestDamagedHashMatchesNothing(t *testing.T) {
	a := New(Deps{})
	for _, phc := range []string{"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"} {
		if ok, err := a.passwordMatches(t.Context(), phc, ""); ok || err == nil {
			t.Errorf("%q: %t, %v", phc, ok, err)
		}
	}
}
