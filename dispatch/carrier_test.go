package dispatch_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider/sandboxtest"
)

// carry is the carrier's side of the wire.
func (w *world) carry(rw http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var letter map[string]any
	_ = json.Unmarshal(raw, &letter)
	letter["path"] = r.URL.Path
	w.mu.Lock()
	w.calls = append(w.calls, letter)
	status, body := w.answer(len(w.calls), letter)
	w.mu.Unlock()
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, body)
}

func (w *world) received() []map[string]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

// receipt is a carrier's receipt about a message, as the wire writes it.
type receipt struct {
	ID      string      `json:"id"`
	Account string      `json:"account"`
	Data    receiptData `json:"data"`
}

type receiptData struct {
	ID              string                `json:"id"`
	ClientReference paylink.MessageID     `json:"client_reference"`
	Status          paylink.MessageStatus `json:"status"`
	Error           string                `json:"error"`
	At              time.Time             `json:"at"`
}

// about writes a good receipt.
func (w *world) about(m paylink.Message, status paylink.MessageStatus, at time.Time) receipt {
	r := receipt{
		ID: "sbx_rcp_" + string(status) + "_" + string(m.ID), Account: w.accounts[m.Channel].Name(),
		Data: receiptData{ID: "sbx_" + string(m.ID), ClientReference: m.ID, Status: status, At: at},
	}
	if status == paylink.MessageFailed || status == paylink.MessageBlocked {
		r.Data.Error = "undelivered"
	}
	return r
}

// post signs a receipt for a channel's account and hands it in.
func (w *world) post(c paylink.Channel, r receipt) (paylink.Verdict, error) {
	body, err := json.Marshal(r)
	if err != nil {
		w.t.Fatal(err)
	}
	a := w.accounts[c]
	return w.dispatch.Receive(w.t.Context(), "sandbox", a.ID, posted(sandboxtest.Sign(a.Secret, body, w.clock()), body))
}

// posted is what a carrier posts to an account's address.
func posted(h http.Header, body []byte) channel.Post {
	return channel.Post{URL: &url.URL{Path: "/inbound"}, Header: h, Body: body}
}

// take posts a receipt that is genuine and works it off.
func (w *world) take(c paylink.Channel, r receipt) paylink.Notice {
	w.t.Helper()
	w.tick()
	if verdict, err := w.post(c, r); err != nil || verdict != paylink.NoticeReceived {
		w.t.Fatalf("got %s, %v", verdict, err)
	}
	w.work()
	return w.notice()
}
