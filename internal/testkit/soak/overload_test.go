package soak_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const (
	readerCount  = 16  // concurrent readers
	readerHomes  = 400 // addresses that they come from, so that no rate limit applies to them
	abuserHomes  = 4   // addresses that send far too many requests
	abuserConns  = 8   // connections of each
	abuserChunk  = 25  // requests that an abuser writes before it reads
	overloadedBy = 5   // times what the readers send
	measured     = 15 * time.Second
)

// BenchmarkOverload reports what readers keep of their throughput while a few addresses send
// five times as many requests as all readers together and are refused.
func BenchmarkOverload(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { overload(b, storetest.SQLiteURL(b)) })
	b.Run("postgres", func(b *testing.B) {
		if url, ok := storetest.PostgresDatabase(b); ok {
			overload(b, url)
		}
	})
}

// overload measures over one database, once; b.N is not used.
func overload(b *testing.B, database string) {
	b.Helper()
	p := newProgram(b, database)
	p.command(b, "generate", "--articles", "300")
	p.flags = []string{"--rate-limit", "100"}
	p.start(b)
	target, err := url.Parse(p.address)
	if err != nil {
		b.Fatal(err)
	}
	readers := newReaders(b, p.address)
	readers.read(b, measured/4) // warm
	alone := readers.read(b, measured)

	ctx, stop := context.WithCancel(b.Context())
	var abuse abuse
	start := time.Now()
	var all sync.WaitGroup
	for i := range abuserHomes * abuserConns {
		conn, err := home(1+i%abuserHomes).Dial("tcp", target.Host)
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() { abuse.run(ctx, conn, overloadedBy*alone/abuserHomes/abuserConns) })
	}
	for abuse.refused.Load() == 0 && time.Since(start) < time.Minute { // until their bursts are used up
		readers.read(b, measured/4)
	}
	sent, begin := abuse.sent(), time.Now()
	overloaded := readers.read(b, measured)
	took := time.Since(begin).Seconds()
	sent = abuse.sent() - sent
	stop()
	all.Wait()
	if abuse.refused.Load() == 0 || abuse.other.Load() > 0 {
		b.Errorf("%d were refused, %d answered otherwise", abuse.refused.Load(), abuse.other.Load())
	}
	if most := 1 + float64(abuserHomes)*(300+100*time.Since(start).Seconds()); float64(abuse.served.Load()) > most {
		b.Errorf("%d were served; at most %.0f should be", abuse.served.Load(), most)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(alone, "alone/s")
	b.ReportMetric(overloaded, "overloaded/s")
	b.ReportMetric(float64(sent)/took, "abuse/s")
	b.ReportMetric(100*overloaded/alone, "%kept")
}

// home returns a dialer from the n-th loopback address.
func home(n int) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 9, byte(n/250), byte(n%250+1))}}
}

type readers struct {
	address string
	clients []*http.Client
}

func newReaders(t testing.TB, address string) *readers {
	r := &readers{address: address}
	for i := range readerHomes {
		transport := &http.Transport{DialContext: home(1000 + i).DialContext, DisableCompression: true}
		t.Cleanup(transport.CloseIdleConnections)
		r.clients = append(r.clients, &http.Client{Transport: transport})
	}
	return r
}

const frontPage = `{ articles(first: 20) { edges { node { title lead publishedAt publisher { name } category { name } } } } }`

// read reads the front page for a time and returns how many were read in a second.
func (r *readers) read(t testing.TB, long time.Duration) float64 {
	t.Helper()
	var count atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	address := r.address + "/graphql?query=" + url.QueryEscape(frontPage)
	for worker := range readerCount {
		all.Go(func() {
			for i := worker; time.Since(begin) < long; i += readerCount {
				response, err := r.clients[i%readerHomes].Get(address)
				if err != nil {
					t.Errorf("a reader: %v", err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					t.Errorf("a reader is answered %s", response.Status)
					return
				}
				count.Add(1)
			}
		})
	}
	all.Wait()
	return float64(count.Load()) / time.Since(begin).Seconds()
}

// abuse counts the answers to the abusers.
type abuse struct{ served, refused, other atomic.Int64 }

// sent returns how many of the abusers' requests were answered.
func (a *abuse) sent() int64 { return a.served.Load() + a.refused.Load() + a.other.Load() }

// run sends requests at a rate, regardless of the answers.
func (a *abuse) run(ctx context.Context, conn net.Conn, rate float64) {
	defer conn.Close()
	context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	chunk := bytes.Repeat([]byte("GET /graphql?query="+url.QueryEscape(frontPage)+" HTTP/1.1\r\nHost: here\r\n\r\n"), abuserChunk)
	go func() {
		in := bufio.NewReaderSize(conn, 64<<10)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			switch {
			case strings.HasPrefix(line, "HTTP/1.1 200"):
				a.served.Add(1)
			case strings.HasPrefix(line, "HTTP/1.1 429"):
				a.refused.Add(1)
			case strings.HasPrefix(line, "HTTP/1.1 "):
				a.other.Add(1)
			}
		}
	}()
	ticker := time.NewTicker(time.Duration(float64(abuserChunk) / rate * float64(time.Second)))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := conn.Write(chunk); err != nil {
			return
		}
	}
}
