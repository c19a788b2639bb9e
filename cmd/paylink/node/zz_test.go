package node

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
	"encoding/json"
)

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	n, err := Open(context.Background(), Settings{DatabaseURL: "sqlite://" + dir + "/p.db", KeyFile: dir + "/k", PublicURL: "http://127.0.0.1:1"}, World{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	made, err := n.CreateMerchant(context.Background(), NewMerchant{Name: "Acme", Email: "a@b.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata"})
	if err != nil {
		b.Fatal(err)
	}
	n.wire()
	var codes []string
	for i := range 100 {
		r := httptest.NewRequest("POST", "/v1/payment_links", strings.NewReader(fmt.Sprintf(`{"amount":%d,"currency":"INR","description":"Order","reference":"o%d","customer":{"name":"A","phone":"+919812345642"}}`, 1000+i, i)))
		r.Header.Set("Authorization", "Bearer "+made.TestKey)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		n.rooms.handler.ServeHTTP(w, r)
		var l struct{ Code string }
		json.Unmarshal(w.Body.Bytes(), &l)
		codes = append(codes, l.Code)
	}
	b.ResetTimer()
	start := cpu()
	for i := 0; i < b.N; i++ {
		r := httptest.NewRequest("GET", "/"+codes[i%100], nil)
		w := httptest.NewRecorder()
		n.rooms.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
	b.ReportMetric(float64((cpu()-start).Microseconds())/float64(b.N), "cpu-us/op")
}

func BenchmarkDispatch(b *testing.B) {
	dir := b.TempDir()
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	a, _ := net.Listen("tcp", "127.0.0.1:0")
	base := "http://" + l.Addr().String()
	n, err := Open(context.Background(), Settings{DatabaseURL: "sqlite://" + dir + "/p.db", KeyFile: dir + "/k", PublicURL: base, Journal: dir + "/sb"}, World{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	made, err := n.CreateMerchant(context.Background(), NewMerchant{Name: "Acme", Email: "a@b.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata"})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	ready := make(chan bool)
	go func() { ended <- n.Serve(ctx, l, a, func() error { close(ready); return nil }) }()
	<-ready
	b.ResetTimer()
	start := cpu()
	for i := 0; i < b.N; i++ {
		r, _ := http.NewRequest("POST", base+"/v1/payment_links", strings.NewReader(fmt.Sprintf(`{"amount":%d,"currency":"INR","description":"Order","reference":"o%d","customer":{"name":"A","phone":"+919812345642","email":"a@example.com"},"channels":["sms","whatsapp","email","in_app"]}`, 1000+i, i)))
		r.Header.Set("Authorization", "Bearer "+made.TestKey)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil || res.StatusCode != 201 {
			b.Fatal(err, res)
		}
		res.Body.Close()
	}
	accepted := cpu()
	for {
		jobs, err := n.store.Read(ctx).Jobs()
		head, _ := n.store.Read(ctx).ChainHead(made.MerchantID, false)
		if err == nil && jobs["waiting"] == int64(b.N) && jobs["running"] == 0 && head >= int64(b.N*10) { // the expiries
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.ReportMetric(float64((accepted-start).Microseconds())/float64(b.N), "accept-cpu-us/op")
	b.ReportMetric(float64((cpu()-start).Microseconds())/float64(b.N), "cpu-us/op")
	stop()
	<-ended
}
