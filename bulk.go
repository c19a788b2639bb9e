package paylink

import (
	"fmt"
	"strings"
	"time"
)

// BulkStatus is how far an uploaded file of links has come.
type BulkStatus string

const (
	BulkReceiving  BulkStatus = "receiving"
	BulkUploaded   BulkStatus = "uploaded"
	BulkValidating BulkStatus = "validating"
	BulkChecked    BulkStatus = "checked"
	BulkReady      BulkStatus = "ready"
	BulkApproval   BulkStatus = "awaiting_approval"
	BulkScheduled  BulkStatus = "scheduled"
	BulkCreating   BulkStatus = "creating"
	BulkPaused     BulkStatus = "paused"
	BulkSending    BulkStatus = "sending"
	BulkCancelling BulkStatus = "cancelling"
	BulkCancelled  BulkStatus = "cancelled"
	BulkUnreadable BulkStatus = "unreadable"
	BulkFinished   BulkStatus = "finished"
)

// BulkMachine is the life of an uploaded file of links.
var BulkMachine = Machine[BulkStatus]{
	Name: "Bulk", Start: BulkReceiving,
	Moves: map[BulkStatus][]BulkStatus{
		BulkReceiving:  {BulkUploaded, BulkValidating, BulkCancelling},
		BulkUploaded:   {BulkValidating, BulkCancelling},
		BulkValidating: {BulkChecked, BulkReady, BulkApproval, BulkScheduled, BulkCreating, BulkFinished, BulkUnreadable, BulkCancelling},
		BulkReady:      {BulkScheduled, BulkCreating, BulkCancelling},
		BulkApproval:   {BulkScheduled, BulkCreating, BulkCancelling},
		BulkScheduled:  {BulkCreating, BulkCancelling},
		BulkCreating:   {BulkPaused, BulkSending, BulkFinished, BulkCancelling},
		BulkPaused:     {BulkCreating, BulkCancelling},
		BulkSending:    {BulkFinished},
		BulkCancelling: {BulkCancelled},
	},
	Says: map[BulkStatus]string{
		BulkReceiving:  "The file is on its way; nothing of it is looked at.",
		BulkUploaded:   "The file is stored, and somebody is to say which column means what.",
		BulkValidating: "Every row is read and judged; no link is made.",
		BulkChecked:    "It was a dry run: every row is judged, and no link will be made.",
		BulkReady:      "Every row is judged; somebody is to look at the result and start it.",
		BulkApproval:   "Every row is judged; it has more good rows than one person may start, and waits for a second.",
		BulkScheduled:  "It was started and begins at its time. Until then all of it can be taken back.",
		BulkCreating:   "The links of the good rows are made, one after another, and sent.",
		BulkPaused:     "No further link is made until somebody resumes it.",
		BulkSending:    "Every link is made; some of their messages are still on the way to a provider.",
		BulkCancelling: "No further link is made; the rest is being put away.",
		BulkCancelled:  "The rest was cancelled. Links that were made stay.",
		BulkUnreadable: "The file cannot be read beyond a row, so none of it was made.",
		BulkFinished:   "Every row came to an end: a link, failed, or skipped as a duplicate.",
	},
}

// Bulk is one uploaded file of links. What it holds of customers stands sealed in rows of its own.
type Bulk struct {
	ID        BulkID
	Merchant  MerchantID
	Live      bool
	Status    BulkStatus
	Format    string // csv, xlsx or ndjson
	DryRun    bool
	Review    bool  // a person starts it, whatever its size
	PerSecond int64 // rows that send messages, at most so many a second; 0: as fast as it goes
	Run       int64 // raised each time validating begins; what an earlier run writes late is refused
	Size      int64 // bytes of the file
	Digest    []byte
	Head      []byte // sealed: the file's name, its columns and what they mean

	Rows, Good, Bad       int64 // as validated
	Made, Failed, Skipped int64 // when it ended; until then what BulkProgress tells comes on top
	Totals                map[Currency]int64
	Messages              map[Channel]int64 // that the good rows ask for
	Schedule              BulkSchedule
	Course                BulkCourse
	Problem               string // why it is unreadable: a stable code
	ProblemRow            int64

	CreatedBy  string // key_… or usr_…
	ApprovedBy string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	FinishedAt time.Time
	ForgetAt   time.Time // when what it holds of customers is deleted
}

// BulkSchedule says when the making of an upload begins.
type BulkSchedule struct {
	After  time.Time     `json:"after,omitzero"`  // no sooner than this
	Undo   time.Duration `json:"undo,omitzero"`   // nor sooner than this from when it was started: so long all of it can be taken back
	Begins time.Time     `json:"begins,omitzero"` // what follows from these; zero: nobody has started it
}

// Start sets when an upload begins that is started now, and tells whether that is later.
func (s *BulkSchedule) Start(now time.Time) (later bool) {
	s.Begins = now.Add(s.Undo)
	if s.After.After(s.Begins) {
		s.Begins = s.After
	}
	return s.Begins.After(now)
}

// BulkProgress counts what became of the good rows so far.
type BulkProgress struct {
	Made, Failed, Skipped int64
	Told                  int64 // of those made, links that send messages
}

// BulkCourse is how far an upload's links have come. It is counted now and then.
type BulkCourse struct {
	Told      int64     `json:"told,omitempty"`      // links that send messages
	Sent      int64     `json:"sent,omitempty"`      // a provider has taken one of the link's messages
	Waiting   int64     `json:"waiting,omitempty"`   // not sent yet, and a message is on its way
	Unknown   int64     `json:"unknown,omitempty"`   // not known to be sent: a provider has not answered
	Delivered int64     `json:"delivered,omitempty"` // a message reached its device or mailbox
	Opened    int64     `json:"opened,omitempty"`    // somebody opened the page
	Paid      int64     `json:"paid,omitempty"`      // in full
	At        time.Time `json:"at,omitzero"`         // when it was counted; zero: never
}

// Add counts some more links.
func (c *BulkCourse) Add(some BulkCourse) {
	c.Sent, c.Waiting, c.Unknown = c.Sent+some.Sent, c.Waiting+some.Waiting, c.Unknown+some.Unknown
	c.Delivered, c.Opened, c.Paid = c.Delivered+some.Delivered, c.Opened+some.Opened, c.Paid+some.Paid
}

// Unsent is how many links were to send messages of which none was taken, and none will be.
func (c BulkCourse) Unsent() int64 { return max(0, c.Told-c.Sent-c.Waiting-c.Unknown) }

// Summary says what became of the file, without calling anything done that is not.
func (b Bulk) Summary() string {
	var s strings.Builder
	c := b.Course
	say := func(n int64, words string) {
		if n > 0 {
			fmt.Fprintf(&s, ", %d %s", n, words)
		}
	}
	if c.Told > 0 && !c.At.IsZero() {
		fmt.Fprintf(&s, "%s: %d sent", b.Status, c.Sent)
		say(c.Waiting, "still to be sent")
		say(c.Unknown, "perhaps sent")
		say(c.Unsent(), "made but not sent")
		say(b.Made-c.Told, "made without a message")
	} else {
		fmt.Fprintf(&s, "%s: %d created", b.Status, b.Made)
	}
	fmt.Fprintf(&s, ", %d failed, %d skipped as duplicates", b.Bad+b.Failed, b.Skipped)
	say(b.Left(), "not begun")
	return s.String()
}

// Left is how many rows have not come to an end.
func (b Bulk) Left() int64 { return b.Rows - b.Bad - b.Made - b.Failed - b.Skipped }

// With adds what became of the good rows so far.
func (b Bulk) With(p BulkProgress) Bulk {
	b.Made, b.Failed, b.Skipped = b.Made+p.Made, b.Failed+p.Failed, b.Skipped+p.Skipped
	b.Course.Told = p.Told
	return b
}

// Open tells whether something may still become of the file.
func (b Bulk) Open() bool { return !BulkMachine.Final(b.Status) }

// BulkSnapshot is a bulk upload for an event: counts, and nothing of what stands in the file.
type BulkSnapshot struct {
	ID         BulkID     `json:"id" doc:"bulk_…"`
	Object     string     `json:"object" enum:"bulk"`
	Livemode   bool       `json:"livemode"`
	Status     BulkStatus `json:"status" enum:"receiving,uploaded,validating,checked,ready,awaiting_approval,scheduled,creating,paused,sending,cancelling,cancelled,unreadable,finished"`
	Format     string     `json:"format" enum:"csv,xlsx,ndjson"`
	DryRun     bool       `json:"dry_run"`
	Rows       int64      `json:"rows" doc:"that hold something"`
	Good       int64      `json:"good" doc:"rows of which a link can be made"`
	Created    int64      `json:"created" doc:"links that were made"`
	Failed     int64      `json:"failed" doc:"rows of which no link could be made; errors.csv has them"`
	Skipped    int64      `json:"skipped" doc:"rows whose reference a link uses already"`
	Sent       int64      `json:"sent" doc:"links of which a provider has taken a message"`
	Waiting    int64      `json:"waiting" doc:"links whose first message is still on its way to a provider"`
	Unknown    int64      `json:"unknown" doc:"links that were perhaps sent: a provider has not answered"`
	Unsent     int64      `json:"unsent" doc:"links that were to be sent, and of which no message could be"`
	Delivered  int64      `json:"delivered" doc:"links of which a message reached its device or mailbox"`
	Opened     int64      `json:"opened" doc:"links whose page somebody opened"`
	Paid       int64      `json:"paid" doc:"links that are paid in full"`
	CountedAt  *time.Time `json:"counted_at" doc:"when sent, waiting, unknown, unsent, delivered, opened and paid were counted; null: never. Of large uploads that is now and then"`
	Summary    string     `json:"summary" example:"finished: 940 sent, 12 failed, 48 skipped as duplicates"`
	CreatedBy  string     `json:"created_by"`
	ApprovedBy string     `json:"approved_by" doc:"who started it, where somebody had to"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	BeginsAt   *time.Time `json:"begins_at" doc:"when the making of links begins or began; null: nobody has started it"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Snapshot is the bulk for an event.
func (b Bulk) Snapshot() *BulkSnapshot {
	c := b.Course
	return &BulkSnapshot{
		ID: b.ID, Object: "bulk", Livemode: b.Live, Status: b.Status, Format: b.Format, DryRun: b.DryRun, Rows: b.Rows, Good: b.Good,
		Created: b.Made, Failed: b.Bad + b.Failed, Skipped: b.Skipped,
		Sent: c.Sent, Waiting: c.Waiting, Unknown: c.Unknown, Unsent: c.Unsent(), Delivered: c.Delivered, Opened: c.Opened, Paid: c.Paid,
		CountedAt: timeOrNil(c.At), Summary: b.Summary(), CreatedBy: b.CreatedBy, ApprovedBy: b.ApprovedBy,
		CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, BeginsAt: timeOrNil(b.Schedule.Begins), FinishedAt: timeOrNil(b.FinishedAt),
	}
}
