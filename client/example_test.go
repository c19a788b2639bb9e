package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"paylink/client"
)

func Example() {
	c, err := client.New(client.Config{Server: "https://pay.example", Key: os.Getenv("PAYLINK_API_KEY")})
	if err != nil {
		log.Fatal(err)
	}
	link, err := c.CreatePaymentLink(context.Background(), client.NewPaymentLink{
		Amount: 245000, Currency: "INR", Description: "Order 1042", Reference: "order-1042",
		Customer:  &client.NewCustomer{Name: "Asha", Phone: "+919812345642"},
		Channels:  []string{"sms", "whatsapp"},
		ExpiresIn: client.Value[int64](86400),
	})
	var p *client.Problem
	if errors.As(err, &p) && p.Code == "reference_in_use" {
		log.Printf("order 1042 has a link already: %s", p.Other)
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(link.ID, client.Decimal(link.AmountDue, link.Currency), link.Currency)
}

func ExampleClient_ListPaymentLinks() {
	c, err := client.New(client.Config{Server: "https://pay.example", Key: os.Getenv("PAYLINK_API_KEY")})
	if err != nil {
		log.Fatal(err)
	}
	for link, err := range c.ListPaymentLinks(context.Background(), client.LinkFilter{Status: "expired"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(link.ID, link.Reference)
	}
}

// A program that keeps the sequence of the last event that it worked through misses none.
func ExampleClient_StreamEvents() {
	c, err := client.New(client.Config{Server: "https://pay.example", Key: os.Getenv("PAYLINK_API_KEY")})
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range c.StreamEvents(context.Background(), client.FromNow) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event.Sequence, event.Type)
	}
}
