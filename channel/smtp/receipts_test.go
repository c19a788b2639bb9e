package smtp_test

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/smtp"
	"paylink/provider"
)

const message = paylink.MessageID("msg_01kaa0000000000000000000zz")

// account is one that signs its return path; its server is set by whoever needs one.
func account() channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: "smtp://127.0.0.1:1", Secret: "a-bounce-secret-of-both",
		Fields: map[string]string{
			"from_address": "payments@example.com", "bounce_domain": "bounces.example.com", "secret": "a-bounce-secret-of-both",
		},
	}
}

// posted is returned mail at the door, handed over for a recipient.
func posted(recipient, mail string) channel.Post {
	q := url.Values{"secret": {account().Secret}}
	if recipient != "" {
		q.Set("recipient", recipient)
	}
	return channel.Post{URL: &url.URL{RawQuery: q.Encode()}, Header: map[string][]string{"Content-Type": {"message/rfc822"}}, Body: []byte(mail)}
}

// told is what a returned mail is understood as, without its time.
type told struct {
	status paylink.MessageStatus
	code   string
	reason provider.Reason
}

func read(t *testing.T, what string, p channel.Post) told {
	t.Helper()
	news, err := smtp.New(nil).Read(account(), p)
	if err != nil {
		return told{code: err.Error()}
	}
	if len(news.Receipts) != 1 {
		return told{}
	}
	r := news.Receipts[0]
	if r.Message != message || r.ProviderReference != smtp.MessageID(account(), message) || r.At.IsZero() || r.Account != "" {
		t.Errorf("%s: %+v", what, r)
	}
	return told{r.Status, r.ErrorCode, r.Reason}
}

// Mail that real servers returned is misread: a mailbox that is gone gets another letter, or one that is only
// full is never written to again.
func TestReturnedMailOfRealServers(t *testing.T) {
	dir := os.Getenv("PAYLINK_SAMPLES")
	if dir == "" {
		t.Log("PAYLINK_SAMPLES is not set: the returned mail of real servers was left out")
		return
	}
	failed, blocked := paylink.MessageFailed, paylink.MessageBlocked
	want := map[string]told{
		"bsd-arf-01.eml":                   {paylink.MessageDelivered, "complaint", provider.OptedOut},
		"bsd-arf-22.eml":                   {paylink.MessageDelivered, "complaint", provider.OptedOut},
		"bsd-lhost-amazonses-01.eml":       {blocked, "smtp_5.7.1", provider.Blocked},
		"bsd-lhost-amazonses-05.eml":       {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-lhost-exchange2007-01.eml":    {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-lhost-gmail-01.eml":           {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-lhost-googleworkspace-01.eml": {failed, "smtp_failed", provider.Unreachable},
		"bsd-lhost-postfix-01.eml":         {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-lhost-postfix-05.eml":         {failed, "smtp_4.1.1", provider.Expired},
		"bsd-lhost-sendgrid-01.eml":        {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-lhost-sendmail-01.eml":        {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-rfc3464-01.eml":               {failed, "smtp_5.1.1", provider.InvalidAddress},
		"bsd-rfc3464-03.eml":               {blocked, "smtp_5.0.0", provider.Blocked},
		"bsd-rfc3464-06.eml":               {failed, "smtp_5.5.0", provider.InvalidAddress},
		"bsd-rhost-google-01.eml":          {failed, "smtp_5.2.1", provider.InvalidAddress},
		"bsd-rhost-outlook-01.eml":         {failed, "smtp_5.2.2", provider.Unreachable},
	}
	files, err := filepath.Glob(filepath.Join(dir, "email", "*.eml"))
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d files of returned mail in %s, want %d (%v)", len(files), dir, len(want), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		mail, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for ending, text := range map[string]string{
			"as it is": string(mail), "with CR only": strings.ReplaceAll(strings.ReplaceAll(string(mail), "\r\n", "\n"), "\n", "\r"),
			"with CRLF": strings.ReplaceAll(strings.ReplaceAll(string(mail), "\r\n", "\n"), "\n", "\r\n"),
		} {
			if got := read(t, name, posted(smtp.ReturnPath(account(), message), text)); got != want[name] {
				t.Errorf("%s %s is read as %+v, want %+v", name, ending, got, want[name])
			}
		}
		if got := read(t, name, posted("", string(mail))); got.status != "" {
			t.Errorf("%s was taken for a letter of ours: %+v", name, got)
		}
	}
}

// report is a delivery report as the standard has it, with the fields about the recipient. It is addressed to
// the letter's return path.
func report(fields string) string {
	return strings.ReplaceAll(`Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: `+smtp.ReturnPath(account(), message)+`
Date: Sun, 22 Nov 2026 10:00:00 +0530
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="a=b?c.d"

--a=b?c.d
Content-Type: text/plain; charset=unicode-1-1-utf-7

This mail could not be delivered. +AGE-
--a=b?c.d
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

`+fields+`

--a=b?c.d
Content-Type: text/rfc822-headers

From: payments@example.com
Subject: Payment request
Status: RO
--a=b?c.d--
`, "\n", "\r\n")
}

// A server words its reports a little differently from those that were tried, and the letter stays "sent".
func TestReportsAreUnderstood(t *testing.T) {
	failed, blocked := paylink.MessageFailed, paylink.MessageBlocked
	gone := told{failed, "smtp_5.1.1", provider.InvalidAddress}
	const head = "From: MAILER-DAEMON@mx.example.net\nDate: Sun, 22 Nov 2026 10:00:00 +0000\nTo: <bounce+NAMED@bounces.example.com>\n"
	for what, c := range map[string]struct {
		mail string
		want told
	}{
		"no such mailbox":       {report("Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;550 5.1.1 unknown"), gone},
		"full":                  {report("Final-Recipient: rfc822;a@example.org\nAction: FAILED\nStatus: 5.2.2 (over quota)"), told{failed, "smtp_5.2.2", provider.Unreachable}},
		"a filter":              {report("Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.7.1"), told{blocked, "smtp_5.7.1", provider.Blocked}},
		"given up":              {report("Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 4.4.7"), told{failed, "smtp_4.4.7", provider.Expired}},
		"delivered":             {report("Final-Recipient: rfc822;a@example.org\nAction: delivered\nStatus: 2.1.5"), told{status: paylink.MessageDelivered}},
		"delayed":               {report("Final-Recipient: rfc822;a@example.org\nAction: delayed\nStatus: 4.4.1"), told{status: paylink.MessageSent}},
		"the second failed":     {report("Final-Recipient: rfc822;a@x.org\nAction: relayed\nStatus: 2.1.9\n\nFinal-Recipient: rfc822;b@x.org\nAction: failed\nStatus: 5.1.1"), gone},
		"only the reply says":   {report("Original-Recipient: rfc822;a@x.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 no\n  such"), told{failed, "smtp_5.1.1", provider.InvalidAddress}},
		"an empty report":       {report(""), told{failed, "smtp_failed", provider.Unreachable}},
		"a report without MIME": {head + "\nSorry.\n\nFinal-Recipient: rfc822; a@x.org\nAction: failed\nStatus: 5.1.1\n\nFrom: payments@example.com\n", gone},
		"words alone":           {head + "\nDelivery failed permanently:\n550 5.1.1 <a@x.org>... User Unknown\n\n----- Original message -----\n\n552 5.2.2 in the letter\n", gone},
		"words without a code":  {head + "\nThere is no such user here.\n", told{failed, "smtp_failed", provider.InvalidAddress}},
		"a warning in words":    {head + "Subject: Delivery Status Notification (Delay)\n\nIt will be retried. 450 4.2.1 busy\n", told{status: paylink.MessageSent}},
		"a holiday greeting":    {strings.Replace(head, "MAILER-DAEMON@mx.example.net", "Asha <asha@example.org>", 1) + "Auto-Submitted: auto-replied\n\nI am away. 550 5.1.1\n", told{}},
		"a base64 report":       {head + "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nRmluYWwtUmVjaXBpZW50OiByZmM4MjI7YUB4Lm9yZwpBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg==\n--x--\n", gone},
		"a complaint":           {head + "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n", told{paylink.MessageDelivered, "complaint", provider.OptedOut}},
		"praise":                {head + "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: not-spam\n", told{failed, "smtp_failed", provider.Unreachable}},
	} {
		mail := strings.ReplaceAll(c.mail, "NAMED", strings.ToUpper(smtp.LetterName(account().Secret, message)))
		if what == "praise" {
			mail, c.want = strings.Replace(mail, "MAILER-DAEMON", "feedback", 1), told{}
		}
		if got := read(t, what, posted("", mail)); got != c.want {
			t.Errorf("%s is read as %+v, want %+v", what, got, c.want)
		}
	}
}

// A letter returned without its return path stays "sent", although its Message-ID stands in what came back.
func TestReturnedHeadersNameTheLetter(t *testing.T) {
	mail := "From: postmaster@x.org\nDate: Sun, 22 Nov 2026 10:00:00 +0000\nTo: payments@example.com\n\n550 5.1.1 User unknown\n\n" +
		"----- Original message -----\nMessage-ID: <" + smtp.MessageID(account(), message) + ">\n"
	want := told{paylink.MessageFailed, "smtp_5.1.1", provider.InvalidAddress}
	if got := read(t, "headers", posted("", mail)); got != want {
		t.Errorf("read as %+v, want %+v", got, want)
	}
}

// A stranger returns letters that he never had, by writing their names himself; or a post that is no returned
// mail moves a message.
func TestOnlyOurLettersAreReturned(t *testing.T) {
	good := report("Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1")
	name := smtp.LetterName(account().Secret, message)
	forged := name[:len(name)-1] + map[bool]string{true: "1", false: "0"}[name[len(name)-1] == '0']
	other := account()
	other.Secret = "the-secret-of-another"
	s := smtp.New(nil)
	for what, c := range map[string]struct {
		account channel.Account
		post    channel.Post
	}{
		"a forged name":              {account(), posted("", strings.ReplaceAll(good, name, forged))},
		"a bare id":                  {account(), posted("", strings.ReplaceAll(good, name, name[:26]))},
		"no name":                    {account(), posted("", strings.ReplaceAll(good, name, ""))},
		"a name of another account":  {other, posted("", good)},
		"an account without secret":  {channel.Account{}, posted("", good)},
		"an unknown action":          {account(), posted("", strings.Replace(good, "failed", "arrived", 1))},
		"an action that we have":     {account(), posted("", strings.Replace(good, "failed", "skipped", 1))},
		"no time":                    {account(), posted("", strings.Replace(good, "Date:", "Eate:", 1))},
		"a time that is none":        {account(), posted("", strings.Replace(good, "22 Nov 2026", "a day", 1))},
		"no header":                  {account(), posted("", "hello")},
		"nothing":                    {account(), posted("", "")},
		"JSON":                       {account(), posted("", `{"status":"failed"}`)},
		"a zero byte":                {account(), posted("", good+"\x00")},
		"more than there is room":    {account(), posted("", good+strings.Repeat("a\r\n", 100_000))},
		"ten thousand parts of none": {account(), posted("", strings.Repeat("--a=b?c.d\r\n", 10_000))},
	} {
		news, err := s.Read(c.account, c.post)
		if err == nil || !reflect.DeepEqual(news, channel.News{}) || len(err.Error()) > 200 {
			t.Errorf("%s: read as %+v, error %v", what, news, err)
		}
	}
}

// Whoever finds the address of the door marks letters as returned, and their readers as gone.
func TestOnlyWhoHasTheSecretReturnsMail(t *testing.T) {
	s, now := smtp.New(nil), time.Now()
	for query, want := range map[string]string{
		"secret=a-bounce-secret-of-both": "",
		"":                               provider.MissingSignature,
		"secret=":                        provider.MissingSignature,
		"secret=a-bounce-secret-of-bot":  provider.BadSignature,
		"secret=a-bounce-secret-of-both&secret=other": provider.BadSignature,
	} {
		p := channel.Post{URL: &url.URL{RawQuery: query}, Body: []byte("x")}
		err := s.Verify(account(), p, now)
		if (want == "") != (err == nil) || err != nil && err.Error() != "unverified: "+want {
			t.Errorf("%q: %v, want %q", query, err, want)
		}
	}
	bare := account()
	bare.Secret = ""
	if err := s.Verify(bare, channel.Post{URL: &url.URL{RawQuery: "secret="}, Body: []byte("x")}, now); err == nil {
		t.Error("an account without a secret believes")
	}
}

// A stranger's mail crashes the inbound door, or is read as what it is not.
func FuzzRead(f *testing.F) {
	f.Add(report("Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1"))
	f.Add("From: a\nDate: b\nContent-Type: multipart/report; boundary=x\n\n--x\n\n--x--")
	s := smtp.New(nil)
	f.Fuzz(func(t *testing.T, mail string) {
		news, err := s.Read(account(), posted("", mail))
		for _, r := range news.Receipts {
			if err != nil || r.Message != message || r.At.IsZero() || !slices.Contains(slices.Collect(maps.Keys(paylink.MessageMachine.Says)), r.Status) {
				t.Fatalf("%q is read as %+v (%v)", mail, r, err)
			}
		}
	})
}
