// Package sandbox is the pretend world outside paylink: a payment gateway with its bank, its hosted
// card page and its UPI app, four carriers, and the phone on which their messages arrive.
//
// It is for whoever tries paylink or tests against it: nothing real is charged and nothing leaves
// the machine. It ships in the binary and is spoken to over HTTP only, as a real gateway and real
// carriers are, so it runs in the same process or in one of its own. What it sends (notices of
// payments, receipts of messages) is signed and retried until the other side has taken it.
//
// It imports the nouns and nothing else of ours. Whether a payment counts, what a message costs and
// when a link expires are left to paylink. Who may use the control pages is left to the server that
// mounts it; see [Sandbox.Control].
package sandbox
