package store

import (
	"cmp"
	"slices"
	"strings"

	"paylink"
)

// Search is what a text can mean that somebody typed to find a link. A link is found when one of them
// fits; empty ones mean nothing.
type Search struct {
	Link             paylink.LinkID
	Payment          paylink.PaymentID
	PaymentReference string
	Code             Code
	Phone            string
	Email            string        // in any case
	Amount           paylink.Money // that the link asks for
	Reference        string        // how the link's reference begins
	Words            string        // part of the reference or the description; a and A are the same, é and É are not
}

// Code is a link's code as the store knows it; the zero one is none.
type Code struct {
	Key  uint64
	Slot int
	Is   bool
}

// search gives a page of what a text can mean. What an index finds comes first, newest first; then come the
// links that have the words, as far back as a page looks. Each link comes once.
func (r Reader) search(f LinkFilter) (LinkPage, error) {
	at := placeIn(f.From)
	m, err := r.meanings(f, &at)
	if err != nil {
		return LinkPage{}, err
	}
	var page LinkPage
	if at.named != ended {
		if page, err = r.named(f, m.ids, at.named, f.Limit); err != nil {
			return LinkPage{}, err
		}
		at.named = cmp.Or(page.Next, ended)
	}
	if room := f.Limit - len(page.Links); at.walked != ended && room > 0 {
		f.walked = m
		more, err := r.walk(f, at.walked, room)
		if err != nil {
			return LinkPage{}, err
		}
		for _, l := range more.Links {
			if !slices.Contains(m.ids, string(l.ID)) {
				page.Links = append(page.Links, l)
			}
		}
		at.walked = cmp.Or(more.Next, ended)
	}
	slices.SortFunc(page.Links, newestFirst)
	page.Next = at.String()
	return page, nil
}

// place is where a search goes on: among the links that indexes found, and among those that are looked
// at. Which meanings are looked for in each link is settled on the first page, so that links that are made
// meanwhile change nothing for those that are still to come.
type place struct {
	looked        string // the letters of such meanings
	named, walked string // the last link; "" at the newest, ended at the end
}

const (
	ended      = "0"
	lookPhone  = "p"
	lookEmail  = "e"
	lookAmount = "a"
	lookPrefix = "r" // of references: part of them, and so among the words
)

func placeIn(from string) (at place) {
	at.looked, from, _ = strings.Cut(from, "__")
	at.named, at.walked, _ = strings.Cut(from, "__")
	return at
}

func (at place) String() string {
	if at.named == ended && at.walked == ended {
		return ""
	}
	return at.looked + "__" + at.named + "__" + at.walked
}

// meanings are the links that indexes find for a text, and what has to be looked for in each link.
type meanings struct {
	ids                 []string
	words, phone, email string
	amount              paylink.Money
}

// meanings asks the indexes. Whoever has more links than are few is looked for in each.
func (r Reader) meanings(f LinkFilter, at *place) (m meanings, err error) {
	s, first, most := f.Search, *at == place{}, rare
	if !first {
		most *= 10 // more may have come
	}
	if m.words = s.Words; s.Link != "" {
		m.ids = append(m.ids, string(s.Link))
	}
	// ask tells whether the links are few enough to be named.
	ask := func(letter string, find func() ([]string, bool, error)) bool {
		if err != nil || strings.Contains(at.looked, letter) {
			return err != nil
		}
		ids, few, failed := find()
		if err = failed; first && !few {
			at.looked += letter
			return false
		}
		m.ids = append(m.ids, ids...)
		return true
	}
	for _, one := range r.unique(f) {
		ask("-", one)
	}
	if s.Phone != "" && !ask(lookPhone, func() ([]string, bool, error) { return r.byPhone(f, s.Phone, most) }) {
		m.phone = s.Phone
	}
	if s.Email != "" && !ask(lookEmail, func() ([]string, bool, error) { return r.byEmail(f, s.Email, most) }) {
		m.email = lowerASCII(s.Email)
	}
	if s.Amount != (paylink.Money{}) && !ask(lookAmount, func() ([]string, bool, error) { return r.byAmount(f, s.Amount, most) }) {
		m.amount = s.Amount
	}
	if s.Reference != "" {
		ask(lookPrefix, func() ([]string, bool, error) { return r.byReference(f, s.Reference, s.Reference+"\U0010FFFF", most) })
	}
	if m.words == "" && m.phone == "" && m.email == "" && m.amount == (paylink.Money{}) {
		at.walked = ended
	}
	return m, err
}

// unique are the questions that one link at most answers.
func (r Reader) unique(f LinkFilter) (all []func() ([]string, bool, error)) {
	ask := func(q string, args ...any) {
		all = append(all, func() ([]string, bool, error) { return r.few(1, q, args...) })
	}
	if f.Search.Payment != "" {
		ask(`SELECT link_id FROM payments WHERE merchant_id = $1 AND id = $2`, string(f.Merchant), string(f.Search.Payment))
	}
	if f.Search.PaymentReference != "" {
		ask(`SELECT link_id FROM payments WHERE merchant_id = $1 AND reference = $2`, string(f.Merchant), f.Search.PaymentReference)
	}
	if f.Search.Code.Is {
		ask(`SELECT link_id FROM codes WHERE key = $1 AND slot = $2 AND merchant_id = $3`,
			int64(f.Search.Code.Key), int64(f.Search.Code.Slot), string(f.Merchant))
	}
	return all
}

func (r Reader) byAmount(f LinkFilter, m paylink.Money, most int) ([]string, bool, error) {
	const q = `
		SELECT id FROM links WHERE merchant_id = $1 AND livemode = $2 AND amount = $3 AND currency = $4
		ORDER BY id DESC LIMIT $5`
	return r.few(most, q, string(f.Merchant), bit(f.Live), m.Minor, string(m.Currency), int64(most+1))
}

// search adds what is looked for in each link. SQLite folds the case of ASCII letters in LIKE and
// PostgreSQL of none; both fold ASCII in LOWER, since the columns collate by bytes.
func (c *conditions) search(m meanings) {
	if m.words == "" && m.phone == "" && m.email == "" && m.amount == (paylink.Money{}) {
		return
	}
	c.text += ` AND (1 = 0`
	if m.words != "" {
		c.add("OR LOWER(reference) LIKE $%[1]d ESCAPE '!' OR LOWER(description) LIKE $%[1]d ESCAPE '!'", "%"+likeEscape.Replace(lowerASCII(m.words))+"%")
	}
	if m.phone != "" {
		c.add("OR "+hasPhone, m.phone)
	}
	if m.email != "" {
		c.add("OR "+hasEmail, m.email)
	}
	if m.amount != (paylink.Money{}) {
		c.add("OR amount = $%d", m.amount.Minor)
		c.add("AND currency = $%d", string(m.amount.Currency))
	}
	c.text += `)`
}
