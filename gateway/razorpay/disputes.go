package razorpay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// dispute is Razorpay's word about an objection.
type dispute struct {
	ID        string           `json:"id"`
	PaymentID string           `json:"payment_id"`
	Amount    int64            `json:"amount"`
	Currency  paylink.Currency `json:"currency"`
	Deducted  int64            `json:"amount_deducted"`
	Reason    string           `json:"reason_code"`
	RespondBy int64            `json:"respond_by"`
	Status    string           `json:"status"` // open, under_review, won, lost, closed
	Phase     string           `json:"phase"`  // fraud, retrieval, chargeback, pre_arbitration, arbitration
	CreatedAt int64            `json:"created_at"`
}

// disputeLife is how long after its beginning an objection may still change. Razorpay lists by the beginning
// only, so what began so long before is told again, changed or not.
const disputeLife = 180 * 24 * time.Hour

// Disputes lists objections that may have changed since a time.
func (g *Gateway) Disputes(ctx context.Context, a gateway.Account, since time.Time, cursor string) ([]gateway.DisputeWord, string, error) {
	from := since
	if !from.IsZero() {
		from = from.Add(-disputeLife)
	}
	told, err := all(ctx, g, a, "/v1/disputes", from, time.Time{}, func(d dispute) string { return d.ID })
	if err != nil {
		return nil, "", fmt.Errorf("list disputes: %w", err)
	}
	var out []listed[gateway.DisputeWord]
	for _, d := range told {
		w, err := d.word()
		if err != nil {
			return nil, "", fmt.Errorf("list disputes: %w", &gateway.Broken{When: gateway.Unknown, Err: err})
		}
		out = append(out, listed[gateway.DisputeWord]{d.ID, d.CreatedAt, w})
	}
	words, next := page(out, cursor)
	return words, next, nil
}

// Contest hands the evidence over: the receipt as a document, all else in the summary, of which Razorpay takes
// a thousand characters.
func (g *Gateway) Contest(ctx context.Context, a gateway.Account, id string, e gateway.Evidence) (gateway.DisputeWord, error) {
	answer := map[string]any{"action": "submit", "summary": paywire.Cut(summary(e), 1000)}
	if len(e.Receipt) > 0 {
		document, err := g.upload(ctx, a, e)
		if err != nil {
			return gateway.DisputeWord{}, fmt.Errorf("contest dispute %s: %w", id, err)
		}
		answer["billing_proof"] = []string{document}
	}
	return g.answer(ctx, a, http.MethodPatch, id, "contest", answer)
}

// Accept lets the customer have the money. Razorpay calls it lost, in its answer as in its list.
func (g *Gateway) Accept(ctx context.Context, a gateway.Account, id string) (gateway.DisputeWord, error) {
	return g.answer(ctx, a, http.MethodPost, id, "accept", map[string]any{})
}

func (g *Gateway) answer(ctx context.Context, a gateway.Account, method, id, verb string, body map[string]any) (gateway.DisputeWord, error) {
	if !paywire.IsID(id) {
		return gateway.DisputeWord{}, &gateway.Rejected{Code: "razorpay_no_dispute"}
	}
	var now dispute
	_, err := g.ask(ctx, a, method, "/v1/disputes/"+id+"/"+verb, body, &now)
	var w gateway.DisputeWord
	if err == nil {
		if w, err = now.word(); err == nil && w.GatewayReference != id {
			err = errors.New("the answer is about another dispute")
		}
		if err != nil {
			err = httpwire.Unclear("read the answer: %w", err)
		}
	}
	if err != nil {
		return gateway.DisputeWord{}, fmt.Errorf("%s dispute %s: %w", verb, id, err)
	}
	return w, nil
}

// summary is the evidence in sentences.
func summary(e gateway.Evidence) string {
	var lines []string
	for _, l := range []struct{ name, value string }{
		{"", e.Summary}, {"Sold: ", e.Description}, {"Customer: ", e.CustomerName}, {"E-mail: ", e.CustomerEmail}, {"Paid from: ", e.CustomerIP},
	} {
		if l.value != "" {
			lines = append(lines, l.name+l.value)
		}
	}
	if !e.DeliveredAt.IsZero() {
		lines = append(lines, "Delivered: "+e.DeliveredAt.UTC().Format(time.RFC1123))
	}
	return strings.Join(lines, "\n")
}

// upload keeps the receipt at Razorpay and gives its name there.
func (g *Gateway) upload(ctx context.Context, a gateway.Account, e gateway.Evidence) (string, error) {
	name, known := map[string]string{"application/pdf": "receipt.pdf", "image/png": "receipt.png", "image/jpeg": "receipt.jpg"}[e.ReceiptType]
	if !known {
		return "", &gateway.Rejected{Code: "razorpay_receipt_type", Words: "Razorpay takes PDF, PNG and JPEG."}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("purpose", "dispute_evidence")
	var part io.Writer
	if err == nil {
		part, err = form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {e.ReceiptType},
		})
	}
	if err == nil {
		_, err = part.Write(e.Receipt)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", &gateway.Broken{When: gateway.NotSent, Err: err}
	}
	var document struct {
		ID string `json:"id"`
	}
	_, err = g.send(ctx, a, httpwire.Call{
		Method: http.MethodPost, URL: "/v1/documents", Body: body.Bytes(), Header: http.Header{"Content-Type": {form.FormDataContentType()}},
	}, &document)
	if err == nil && !paywire.IsID(document.ID) {
		err = httpwire.Unclear("the answer names no document")
	}
	return document.ID, err
}

// word refuses an objection that cannot be and gives it in the port's terms. One that is closed was decided
// without a bank: it took money, or it did not.
func (d dispute) word() (gateway.DisputeWord, error) {
	status, known := map[string]paylink.DisputeStatus{
		"open": paylink.DisputeNeedsResponse, "under_review": paylink.DisputeUnderReview, "won": paylink.DisputeWon, "lost": paylink.DisputeLost,
		"closed": paylink.DisputeWon,
	}[d.Status]
	if d.Status == "closed" && d.Deducted > 0 {
		status = paylink.DisputeLost
	}
	amount := paylink.Money{Minor: d.Amount, Currency: d.Currency}
	switch {
	case !known:
		return gateway.DisputeWord{}, errors.New("the dispute's status is not one that we know")
	case !paywire.IsID(d.ID) || !paywire.IsID(d.PaymentID):
		return gateway.DisputeWord{}, errors.New("the dispute or its payment has no id")
	case !paywire.Possible(amount) || d.Deducted < 0 || d.CreatedAt <= 0 || d.RespondBy < 0:
		return gateway.DisputeWord{}, errors.New("the dispute's amount or time cannot be")
	case !paywire.Plain(d.Reason, 100):
		return gateway.DisputeWord{}, errors.New("a text is too long or holds control characters")
	}
	w := gateway.DisputeWord{
		GatewayReference: d.ID, Payment: d.PaymentID, Amount: amount, Status: status, Reason: reason(d), Code: d.Reason,
		Withdrawn: d.Deducted > 0, At: time.Unix(d.CreatedAt, 0).UTC(),
	}
	if d.RespondBy > 0 {
		w.DueAt = time.Unix(d.RespondBy, 0).UTC()
	}
	return w, nil
}

// reason puts a reason code, which is a scheme's sentence with underscores, into our words.
func reason(d dispute) string {
	code := strings.ToLower(d.Reason)
	for _, r := range []struct{ part, word string }{
		{"fraud", "fraudulent"}, {"unauthori", "fraudulent"}, {"no_cardholder", "fraudulent"}, {"not_received", "not_received"}, {"not_provided", "not_received"},
		{"not_as_described", "not_as_described"}, {"defective", "not_as_described"}, {"duplicate", "duplicate"}, {"paid_by_other", "duplicate"},
		{"credit_not_processed", "credit_not_processed"}, {"refund", "credit_not_processed"}, {"cancel", "cancelled"},
	} {
		if strings.Contains(code, r.part) {
			return r.word
		}
	}
	if d.Phase == "fraud" {
		return "fraudulent"
	}
	return "other"
}
