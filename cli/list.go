package cli

import (
	"encoding/json"
	"iter"

	"paylink/client"
)

// list prints what a list of the API yields: for people a table with a row of cells for each, or line by line what
// the API said. Without cells one is left out. However many there are, a hundred rows are held.
func list[T any](t *Terminal, out Output, head []string, cells func(T) []string, fetch func(...client.Option) iter.Seq2[T, error]) error {
	var text json.RawMessage
	w, shown := newTable(t.Out, head...), 0
	for one, err := range fetch(client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if err != nil {
			return err
		}
		switch row := cells(one); {
		case row == nil:
		case out.JSON:
			err = line(t.Out, text)
		default:
			w.row(row...)
			if shown++; shown%100 == 0 {
				err = w.flush()
			}
		}
		if err != nil {
			return err
		}
	}
	if out.JSON {
		return nil
	}
	return w.flush()
}
