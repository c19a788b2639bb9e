package reference

// chapter is a part of the guide that stands before the calls. Page and Markdown show the same words;
// what stands between backquotes is code.
type chapter struct {
	ID, Title string
	Words     []string
	Code      []sample
}

// quickstart leads to the first link in three commands.
func (c *contents) quickstart() []chapter {
	start := chapter{ID: "start", Title: "Start it", Words: []string{"Everything on one machine, with a pretend bank and a pretend phone. It prints a test key; nothing leaves your machine."},
		Code: []sample{{"curl", "shell", "paylink demo"}}}
	first := chapter{ID: "first-link", Title: "Ask for money", Words: []string{"Put the key where the samples look for it. The answer's `url` is the link."}}
	for _, t := range c.Topics {
		for _, call := range t.Calls {
			if call.ID == "create_payment_link" {
				first.Code = []sample{{"curl", "shell", "export PAYLINK_KEY=sk_test_…\n" + call.Samples[0].Code}}
			}
		}
	}
	look := chapter{ID: "phone", Title: "Open the phone", Words: []string{"The messages are there. Tap the link, pay with `4242 4242 4242 4242`, and see the link turn `paid`."},
		Code: []sample{{"curl", "shell", "xdg-open " + c.Sandbox + "    # open on a Mac, start on Windows"}}}
	return []chapter{start, first, look}
}

// guide is what is true of every call.
func (c *contents) guide() []chapter {
	return []chapter{
		{ID: "keys", Title: "Keys and worlds", Words: []string{
			"Send your key as `Authorization: Bearer sk_test_…`, or as the user name of Basic authentication. A key opens one world, test or live; what is in the other is not found.",
			"In the test world nothing real happens: the sandbox stands in for banks and carriers, and its clock is yours to move.",
		}},
		{ID: "values", Title: "Money, times, ids", Words: []string{
			"Money is an integer in minor units with its ISO 4217 currency: `245000` `INR` is ₹2,450.00. Times are RFC 3339 in UTC. Ids carry their kind: `plink_…`, `pay_…`, `evt_…`.",
			"Fields and parameters that we do not know are refused, so that a slip of the pen is not silently ignored.",
		}},
		{ID: "again", Title: "Asking twice", Words: []string{
			"Give a POST an `Idempotency-Key` of your own, and it is safe to send again for 30 days: the first outcome is answered again, marked `Idempotent-Replayed: true`. The same key with another body is refused with 422, and while the first is still being worked on with 409.",
			"What was refused for its form or its values uses up no key.",
		}},
		{ID: "lists", Title: "Lists", Words: []string{
			"A list answers `data` and `next_cursor`. Ask again with `cursor` set to it, and the same filters, until it is `null`. What is made meanwhile does not disturb the walk.",
		}},
		{ID: "webhooks", Title: "Being told", Words: []string{
			"Every change is an event, told by webhook (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`), by `GET /v1/events`, and by the stream. All three tell the same.",
			"A webhook is signed twice: `v1` with your endpoint's secret (HMAC-SHA256 over `id.timestamp.body`), `v1a` with a key whose public half is on the endpoint (Ed25519). Check one of them and the timestamp before you believe it, and answer 2xx within 15 seconds. We try again for three days; the same event comes under the same `webhook-id`.",
		}, Code: []sample{{"js", "JavaScript", `import { createHmac, timingSafeEqual } from "node:crypto";

// genuine tells whether paylink sent this body. secret is the endpoint's whsec_….
export function genuine(headers, body, secret) {
  const id = headers["webhook-id"], timestamp = headers["webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const want = createHmac("sha256", key).update(` + "`${id}.${timestamp}.${body}`" + `).digest();
  return headers["webhook-signature"].split(" ").some((word) => {
    const [version, signature = ""] = word.split(",");
    const got = Buffer.from(signature, "base64");
    return version === "v1" && got.length === want.length && timingSafeEqual(got, want);
  });
}`}}},
		{ID: "limits", Title: "How much at once", Words: []string{
			"`RateLimit-Policy` and `RateLimit` on every answer say what your key may do and has left (draft-ietf-httpapi-ratelimit-headers-10). After 429 and 503 come back when `Retry-After` says. A body has at most 262,144 bytes.",
		}},
		{ID: "errors", Title: "When something is wrong", Words: []string{
			"Errors are `application/problem+json` (RFC 9457). `code` is stable and for programs, `detail` is a sentence for people, and `errors` names every wrong field at once by its JSON pointer. We never repeat a value that you sent.",
			"400 is about form, 401 and 403 about who asks, 404 about what is not yours, 409 about state, 422 about values. `X-Request-Id` is on every answer; tell it to whoever runs the server.",
		}},
	}
}
