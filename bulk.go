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
	BulkCreating   BulkStatus = "creating"
	BulkPaused     BulkStatus = "paused"
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
		BulkValidating: {BulkChecked, BulkReady, BulkApproval, BulkCreating, BulkFinished, BulkUnreadable, BulkCancelling},
		BulkReady:      {BulkCreating, BulkCancelling},
		BulkApproval:   {BulkCreating, BulkCancelling},
		BulkCreating:   {BulkPaused, BulkFinished, BulkCancelling},
		BulkPaused:     {BulkCreating, BulkCancelling},
		BulkCancelling: {BulkCancelled},
	},
	Says: map[BulkStatus]string{
		BulkReceiving:  "The file is on its way; nothing of it is looked at.",
		BulkUploaded:   "The file is stored, and somebody is to say which column means what.",
		BulkValidating: "Every row is read and judged; no link is made.",
		BulkChecked:    "It was a dry run: every row is judged, and no link will be made.",
		BulkReady:      "Every row is judged; somebody is to look at the result and start it.",
		BulkApproval:   "Every row is judged; it has more good rows than one person may start, and waits for a second.",
		BulkCreating:   "The links of the good rows are made, one after another, and sent.",
		BulkPaused:     "No further link is made until somebody resumes it.",
		BulkCancelling: "No further link is made; the rest is being put away.",
		BulkCancelled:  "The rest was cancelled. Links that were made stay.",
		BulkUnreadable: "The file cannot be read beyond a row, so none of it was made.",
		BulkFinished:   "Every row came to an end: created, failed, or skipped as a duplicate.",
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
	Problem               string // why it is unreadable: a stable code
	ProblemRow            int64

	CreatedBy  string // key_… or usr_…
	ApprovedBy string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	FinishedAt time.Time
	ForgetAt   time.Time // when what it holds of customers is deleted
}

// BulkProgress counts what became of the good rows so far.
type BulkProgress struct{ Made, Failed, Skipped int64 }

// Summary says what became of the file, without calling anything done that is not.
func (b Bulk) Summary() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %d created, %d failed, %d skipped as duplicates", b.Status, b.Made, b.Bad+b.Failed, b.Skipped)
	if left := b.Left(); left > 0 {
		fmt.Fprintf(&s, ", %d not begun", left)
	}
	return s.String()
}

// Left is how many rows have not come to an end.
func (b Bulk) Left() int64 { return b.Rows - b.Bad - b.Made - b.Failed - b.Skipped }

// With adds what became of the good rows so far.
func (b Bulk) With(p BulkProgress) Bulk {
	b.Made, b.Failed, b.Skipped = b.Made+p.Made, b.Failed+p.Failed, b.Skipped+p.Skipped
	return b
}

// Open tells whether something may still become of the file.
func (b Bulk) Open() bool { return !BulkMachine.Final(b.Status) }

// BulkSnapshot is a bulk upload for an event: counts, and nothing of what stands in the file.
type BulkSnapshot struct {
	ID         BulkID     `json:"id" doc:"bulk_…"`
	Object     string     `json:"object" enum:"bulk"`
	Livemode   bool       `json:"livemode"`
	Status     BulkStatus `json:"status" enum:"receiving,uploaded,validating,checked,ready,awaiting_approval,creating,paused,cancelling,cancelled,unreadable,finished"`
	Format     string     `json:"format" enum:"csv,xlsx,ndjson"`
	DryRun     bool       `json:"dry_run"`
	Rows       int64      `json:"rows" doc:"that hold something"`
	Good       int64      `json:"good" doc:"rows of which a link can be made"`
	Created    int64      `json:"created" doc:"links that were made"`
	Failed     int64      `json:"failed" doc:"rows of which no link could be made; errors.csv has them"`
	Skipped    int64      `json:"skipped" doc:"rows whose reference a link uses already"`
	Summary    string     `json:"summary" example:"finished: 940 created, 12 failed, 48 skipped as duplicates"`
	CreatedBy  string     `json:"created_by"`
	ApprovedBy string     `json:"approved_by" doc:"who started it, where somebody had to"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Snapshot is the bulk for an event.
func (b Bulk) Snapshot() *BulkSnapshot {
	return &BulkSnapshot{
		ID: b.ID, Object: "bulk", Livemode: b.Live, Status: b.Status, Format: b.Format, DryRun: b.DryRun, Rows: b.Rows, Good: b.Good,
		Created: b.Made, Failed: b.Bad + b.Failed, Skipped: b.Skipped, Summary: b.Summary(), CreatedBy: b.CreatedBy, ApprovedBy: b.ApprovedBy,
		CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, FinishedAt: timeOrNil(b.FinishedAt),
	}
}
