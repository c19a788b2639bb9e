// Package paylink holds the nouns of a payment by link: the link itself, the payment, the message,
// the event and what they are made of.
//
// It is for every other room: a step changes nouns, the store keeps them, a page shows them. The
// state machines live here as tables (see [Machine] and docs/states.md), so that nothing else may
// invent a state. It uses the standard library only and leaves storing, sending and judging who may
// do what to others.
package paylink
