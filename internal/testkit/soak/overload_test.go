package soak_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const (
	readerCount  = 16  // that read at once
	readerHomes  = 400 // addresses that they come from, so that no limit meets them
	abuserHomes  = 4   // addresses that ask for far too much
	abuserConns  = 8   // connections of each
	abuserChunk  = 25  // requests that an abuser writes before it reads
	overloadedBy = 5   // times what the readers take
)

// TestOverload: a few addresses ask for five times as much as all readers together;
// they are refused, and the readers are served. TONGGAO_SOAK_OVERLOAD says for how
// many seconds (make overload: 15); how much the readers keep is printed then.
func TestOverload(t *testing.T) {
	t.Parallel()
	long := time.Second
	if text := os.Getenv("TONGGAO_SOAK_OVERLOAD"); text != "" {
		seconds, _ := strconv.Atoi(text)
		long = time.Duration(seconds) * time.Second
	}
	t.Run("sqlite", func(t *testing.T) { overload(t, storetest.SQLiteURL(t), long) })
	t.Run("postgres", func(t *testing.T) {
		if url, ok := storetest.PostgresDatabase(t); ok {
			overload(t, url, long)
		}
	})
}

// overload measures at url; the engines one after the other, so that neither disturbs the
// other's figures.
func overload(t *testing.T, database string, long time.Duration) {
	t.Helper()
	p := build(t, database)
	p.command(t, "generate", "--articles", "300")
	p.flags = []string{"--rate-limit", "100"}
	p.start(t)
	target, err := url.Parse(p.address)
	if err != nil {
		t.Fatal(err)
	}
	readers := newReaders(t, p.address)
	readers.read(t, long/4) // warm
	alone := readers.read(t, long)

	ctx, stop := context.WithCancel(t.Context())
	var abuse abuse
	start := time.Now()
	var all sync.WaitGroup
	for i := range abuserHomes * abuserConns {
		conn, err := home(1+i%abuserHomes).Dial("tcp", target.Host)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() { abuse.run(ctx, conn, overloadedBy*alone/abuserHomes/abuserConns) })
	}
	for abuse.refused.Load() == 0 && time.Since(start) < time.Minute { // until their bursts are used up
		readers.read(t, long/4)
	}
	served, refused, begin := abuse.served.Load(), abuse.refused.Load(), time.Now()
	beside := readers.read(t, long)
	took := time.Since(begin).Seconds()
	stop()
	all.Wait()
	t.Logf("the readers took %.0f a second alone and %.0f beside %.0f a second from %d addresses (%d served, %d refused): %.0f %%", alone, beside,
		float64(abuse.served.Load()-served+abuse.refused.Load()-refused)/took, abuserHomes, abuse.served.Load()-served, abuse.refused.Load()-refused, 100*beside/alone)
	if abuse.refused.Load() == 0 || abuse.other.Load() > 0 {
		t.Errorf("%d were refused, %d answered otherwise", abuse.refused.Load(), abuse.other.Load())
	}
	if most := 1 + float64(abuserHomes)*(300+100*time.Since(start).Seconds()); float64(abuse.served.Load()) > most {
		t.Errorf("%d were served; at most %.0f should be", abuse.served.Load(), most)
	}
}

// home dials from the n-th address of this machine.
func home(n int) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 9, byte(n/250), byte(n%250+1))}}
}

type readers struct {
	address string
	clients []*http.Client
}

func newReaders(t *testing.T, address string) *readers {
	r := &readers{address: address}
	for i := range readerHomes {
		transport := &http.Transport{DialContext: home(1000 + i).DialContext, DisableCompression: true}
		t.Cleanup(transport.CloseIdleConnections)
		r.clients = append(r.clients, &http.Client{Transport: transport})
	}
	return r
}

const frontPage = `{ articles(first: 20) { edges { node { title lead publishedAt publisher { name } category { name } } } } }`

// read reads the front page for a time and says how many were read in a second.
func (r *readers) read(t *testing.T, long time.Duration) float64 {
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

// abuse counts what became of the requests of those who ask for too much.
type abuse struct{ served, refused, other atomic.Int64 }

// run asks so many times a second, whatever it is answered.
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
