package whatsapp

import (
	"errors"

	"paylink"
	"paylink/channel"
)

// reply is a message of a customer: words, or the words of a button that they pressed, such as "Stop
// promotions".
type reply struct {
	From      string `json:"from"`
	Timestamp string `json:"timestamp"`
	Type      string `json:"type"`
	Group     string `json:"group_id"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Button struct {
		Text string `json:"text"`
	} `json:"button"`
	Interactive struct {
		ButtonReply struct {
			Title string `json:"title"`
		} `json:"button_reply"`
		ListReply struct {
			Title string `json:"title"`
		} `json:"list_reply"`
	} `json:"interactive"`
}

// read gives what the customer wrote, and whether it was anything that we read.
func (r reply) read() (channel.Reply, bool, error) {
	var words string
	switch r.Type {
	case "":
		return channel.Reply{}, false, errors.New("a message lacks its type")
	case "text":
		words = r.Text.Body
	case "button":
		words = r.Button.Text
	case "interactive":
		words = r.Interactive.ButtonReply.Title + r.Interactive.ListReply.Title // it is either
	}
	if words == "" || r.Group != "" {
		return channel.Reply{}, false, nil
	}
	at, err := moment(r.Timestamp)
	if err != nil {
		return channel.Reply{}, false, err
	}
	if !isNumber("+" + r.From) {
		return channel.Reply{}, false, errors.New("a message lacks its sender")
	}
	return channel.Reply{Channel: paylink.ChannelWhatsApp, From: "+" + r.From, Text: cut(words, 1000), At: at}, true, nil
}

// cut keeps the first characters of a text.
func cut(text string, most int) string {
	for i := range text {
		if most == 0 {
			return text[:i]
		}
		most--
	}
	return text
}
