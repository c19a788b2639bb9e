package stripe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// mostText is the longest text of evidence that Stripe takes, in characters.
const mostText = 20_000

// Contest uploads the receipt, if there is one, and hands the evidence over to the bank: it cannot be changed
// after.
func (g *Gateway) Contest(ctx context.Context, a gateway.Account, dispute string, e gateway.Evidence) (gateway.DisputeWord, error) {
	w, err := g.contest(ctx, a, dispute, e)
	if err != nil {
		return gateway.DisputeWord{}, refused("contest", nameOf(dispute), err)
	}
	return w, nil
}

// Accept closes the dispute. Stripe calls it lost from then on.
func (g *Gateway) Accept(ctx context.Context, a gateway.Account, dispute string) (gateway.DisputeWord, error) {
	w, err := g.answer(ctx, a, dispute, "/close", url.Values{})
	if err != nil {
		return gateway.DisputeWord{}, refused("accept", nameOf(dispute), err)
	}
	return w, nil
}

func (g *Gateway) contest(ctx context.Context, a gateway.Account, dispute string, e gateway.Evidence) (gateway.DisputeWord, error) {
	w, err := g.openDispute(ctx, a, dispute)
	if err != nil || w.Status == paylink.DisputeUnderReview {
		return w, err // the evidence is in: the answer to an earlier call was lost
	}
	form := url.Values{"submit": {"true"}}
	for name, text := range map[string]string{
		"uncategorized_text": e.Summary, "product_description": e.Description, "customer_name": e.CustomerName,
		"customer_email_address": e.CustomerEmail, "customer_purchase_ip": e.CustomerIP,
	} {
		if text != "" {
			form.Set("evidence["+name+"]", paywire.Cut(text, mostText))
		}
	}
	if !e.DeliveredAt.IsZero() {
		form.Set("evidence[service_date]", e.DeliveredAt.UTC().Format("2 January 2006"))
	}
	if len(e.Receipt) > 0 {
		file, err := g.upload(ctx, a, dispute, e)
		if err != nil {
			return gateway.DisputeWord{}, err
		}
		form.Set("evidence[receipt]", file)
	}
	return g.answer(ctx, a, dispute, "", form)
}

// openDispute asks how a dispute stands, and refuses to say anything in one that is decided: to a key of before
// Stripe would repeat its answer of before.
func (g *Gateway) openDispute(ctx context.Context, a gateway.Account, name string) (gateway.DisputeWord, error) {
	if !isObject(name, "dp_", "du_") {
		return gateway.DisputeWord{}, &gateway.Rejected{Code: "stripe_resource_missing", Reason: provider.BadRequest}
	}
	var d dispute
	if err := g.get(ctx, a, "/v1/disputes/"+name, nil, &d); err != nil {
		return gateway.DisputeWord{}, err
	}
	w, err := d.word()
	switch {
	case err != nil:
		return w, httpwire.Unclear("the answer is not understood: %w", err)
	case w.Status != paylink.DisputeNeedsResponse && w.Status != paylink.DisputeUnderReview:
		return w, &gateway.Rejected{Code: "stripe_dispute_closed", Reason: provider.BadRequest, Words: "The bank has decided already."}
	}
	return w, nil
}

// answer says something in a dispute. What is said is part of the key: the same again is the same.
func (g *Gateway) answer(ctx context.Context, a gateway.Account, name, verb string, form url.Values) (gateway.DisputeWord, error) {
	if !isObject(name, "dp_", "du_") {
		return gateway.DisputeWord{}, &gateway.Rejected{Code: "stripe_resource_missing", Reason: provider.BadRequest}
	}
	said := sha256.Sum256([]byte(verb + "?" + form.Encode()))
	var d dispute
	if err := g.post(ctx, a, "/v1/disputes/"+name+verb, name+"-"+hex.EncodeToString(said[:16]), form, &d); err != nil {
		return gateway.DisputeWord{}, err
	}
	w, err := d.word()
	switch {
	case err != nil:
		return w, httpwire.Unclear("the answer is not understood: %w", err)
	case w.GatewayReference != name:
		return w, httpwire.Unclear("the answer is about another dispute")
	}
	return w, nil
}

// upload gives Stripe a receipt and answers its name for it. The same receipt again is the same file.
func (g *Gateway) upload(ctx context.Context, a gateway.Account, dispute string, e gateway.Evidence) (string, error) {
	ending, known := map[string]string{"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[e.ReceiptType]
	if !known || !isObject(dispute, "dp_", "du_") {
		return "", &gateway.Rejected{Code: "stripe_receipt_type", Reason: provider.BadRequest, Words: "Stripe takes a receipt as PDF, JPEG or PNG."}
	}
	sum := sha256.Sum256(e.Receipt)
	key := dispute + "-" + hex.EncodeToString(sum[:16])
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	// A boundary of chance would make the same upload another one for Stripe.
	err := form.SetBoundary(hex.EncodeToString(sum[:16]))
	if err == nil {
		err = form.WriteField("purpose", "dispute_evidence")
	}
	if err == nil {
		part, partErr := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="receipt.%s"`, ending)}, "Content-Type": {e.ReceiptType},
		})
		if err = partErr; err == nil {
			_, err = part.Write(e.Receipt)
		}
	}
	if err != nil {
		return "", fmt.Errorf("write the receipt: %w", err)
	}
	if err := form.Close(); err != nil {
		return "", fmt.Errorf("write the receipt: %w", err)
	}
	var file struct {
		ID string `json:"id"`
	}
	err = g.call(ctx, a, httpwire.Call{
		Method: http.MethodPost, URL: a.Base(filesBase) + "/v1/files", Body: body.Bytes(),
		Header: http.Header{"Content-Type": {form.FormDataContentType()}, "Idempotency-Key": {key}},
	}, &file)
	if err == nil && !isObject(file.ID, "file_") {
		err = httpwire.Unclear("the answer names no file")
	}
	return file.ID, err
}

// nameOf is a dispute's name as an error may hold it.
func nameOf(dispute string) string { return provider.SafeCode(dispute, "unknown") }
