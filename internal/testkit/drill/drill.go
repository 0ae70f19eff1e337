// Package drill writes to and reads from running Tonggaos while their database, its network
// or they themselves are broken, and checks what is left. It knows no database and starts no
// process: the caller breaks something and asks how long writes and reads were away. The
// program in ./cluster is what `make drill` runs; a test of package soak is the short form.
//
// Clients do what the documentation asks of them: they retry what was UNAVAILABLE or not
// answered, with the same idempotencyKey. Invariant: what was acknowledged is stored exactly
// once and is in the change log of every replica, in the same order; nothing is stored
// twice; no answer is INTERNAL.
package drill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Options say where the clients send their requests.
type Options struct {
	Fronts   []string          // the address of the load balancer, or of several, among which the clients are divided
	Replicas []string          // the address of each Tonggao; each has a consumer of its change log
	Tokens   map[string]string // by role: EDITOR, INTEGRATOR

	Writers, Readers int
	Pause            time.Duration // of a client between two requests; 50 ms
	Timeout          time.Duration // after which a client abandons a request; 15 s
}

// A Load is running clients. Create one with Start, end it with Finish.
type Load struct {
	options   Options
	ledger    *ledger
	category  string
	publisher string
	clients   []*client // the writers, then the readers
	consumers []*consumer
	receiver  *receiver
	server    *httptest.Server
	setup     *client

	stop     context.CancelFunc // of writers and readers
	stopRest context.CancelFunc // of consumers
	working  sync.WaitGroup
	reading  sync.WaitGroup

	mu       sync.Mutex
	problems []string
}

// maxProblems is how many problems are kept: more of them say nothing new.
const maxProblems = 50

// Start prepares the content that the clients need and starts them.
func Start(ctx context.Context, o Options) (*Load, error) {
	o.Pause, o.Timeout = cmp.Or(o.Pause, 50*time.Millisecond), cmp.Or(o.Timeout, 15*time.Second)
	l := &Load{options: o, ledger: newLedger(), receiver: newReceiver()}
	l.setup = l.newClient(0)
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	work, stop := context.WithCancel(ctx)
	rest, stopRest := context.WithCancel(ctx)
	l.stop, l.stopRest = stop, stopRest
	for _, address := range o.Replicas {
		c := newConsumer(l, address)
		l.consumers = append(l.consumers, c)
		l.reading.Go(func() { c.run(rest) })
	}
	for i := range o.Writers {
		c := l.newClient(1 + i)
		l.clients = append(l.clients, c)
		w := newWriter(l, c, i)
		l.working.Go(func() { w.run(work) })
	}
	for i := range o.Readers {
		c := l.newClient(1 + o.Writers + i)
		l.clients = append(l.clients, c)
		l.working.Go(func() { l.read(work, c) })
	}
	return l, nil
}

// prepare makes a category, a publisher, an article and a webhook.
func (l *Load) prepare(ctx context.Context) error {
	l.server = httptest.NewServer(l.receiver)
	var hook struct{ CreateWebhook struct{ Secret string } }
	err := l.setup.ask(ctx, "INTEGRATOR", `mutation ($url: String!) { createWebhook(input: {url: $url}) { secret userErrors { message } } }`,
		map[string]any{"url": l.server.URL}, &hook)
	if err == nil {
		l.category, err = l.setup.mutate(ctx, "EDITOR", `mutation { a: createCategory(input: {name: "演练", slug: "drill"}) { of: category { id } userErrors { message } } }`, nil)
	}
	if err == nil {
		l.publisher, err = l.setup.mutate(ctx, "EDITOR", `mutation { a: createPublisher(input: {name: "青螺县编辑部"}) { of: publisher { id } userErrors { message } } }`, nil)
	}
	if err == nil {
		_, err = l.publish(ctx, l.setup, "第一篇", "")
	}
	if err != nil {
		return fmt.Errorf("prepare the content: %w", err)
	}
	return nil
}

// problem records what must not happen.
func (l *Load) problem(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.problems) < maxProblems {
		l.problems = append(l.problems, time.Now().Format("15:04:05.0 ")+fmt.Sprintf(format, args...))
	}
}

// Problems returns what was found until now, and forgets it.
func (l *Load) Problems() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.problems
	l.problems = nil
	return found
}

// Counts returns how many writes were acknowledged, reads answered, and requests retried.
func (l *Load) Counts() (writes, reads, retries int64) {
	for i, c := range l.clients {
		if i < l.options.Writers {
			writes += c.done.Load()
		} else {
			reads += c.done.Load()
		}
		retries += c.retries.Load()
	}
	return writes, reads, retries
}

// Recovery is how long after a moment writes and reads worked again: for the first client
// that succeeded with a request that it began afterwards, and for the last one.
type Recovery struct{ FirstWrite, LastWrite, FirstRead, LastRead time.Duration }

// errStillAway means that not every client succeeded in time.
var errStillAway = errors.New("not every client succeeded again")

// Recovered waits until each client succeeded with a request begun after the moment, at
// most for limit.
func (l *Load) Recovered(ctx context.Context, since time.Time, limit time.Duration) (Recovery, error) {
	timer := time.NewTimer(time.Until(since.Add(limit)))
	defer timer.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, c := range l.clients {
		c.watch(since)
	}
	for {
		if r, all := l.recovery(since); all {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return Recovery{}, ctx.Err()
		case <-timer.C:
			return Recovery{}, fmt.Errorf("%w within %s: %s", errStillAway, limit, l.away(since))
		case <-tick.C:
		}
	}
}

func (l *Load) recovery(since time.Time) (r Recovery, all bool) {
	var writes, reads []time.Duration
	for i, c := range l.clients {
		at := c.succeeded()
		if at.IsZero() {
			return r, false
		}
		if took := at.Sub(since); i < l.options.Writers {
			writes = append(writes, took)
		} else {
			reads = append(reads, took)
		}
	}
	return Recovery{slices.Min(writes), slices.Max(writes), slices.Min(reads), slices.Max(reads)}, true
}

// away names the clients that have not succeeded, with what they met last.
func (l *Load) away(time.Time) (names string) {
	for i, c := range l.clients {
		if c.succeeded().IsZero() {
			names += fmt.Sprintf("\n  client %d: %s", i, c.lastError())
		}
	}
	return names
}

// LongestGap returns the longest time since a moment in which no write, and no read, of any
// client succeeded.
func (l *Load) LongestGap(since time.Time) (writes, reads time.Duration) {
	var w, r []time.Time
	for i, c := range l.clients {
		if i < l.options.Writers {
			w = append(w, c.successes(since)...)
		} else {
			r = append(r, c.successes(since)...)
		}
	}
	return longest(since, w), longest(since, r)
}

// Slowest lists the requests since a moment of the writer that succeeded last after it, and
// of the reader.
func (l *Load) Slowest(since time.Time) (text string) {
	for _, group := range [][]*client{l.clients[:l.options.Writers], l.clients[l.options.Writers:]} {
		slowest := slices.MaxFunc(group, func(a, b *client) int { return a.succeeded().Compare(b.succeeded()) })
		slowest.mu.Lock()
		for _, r := range slowest.history {
			if r.ended.After(since) && r.begun.Before(slowest.first) {
				text += fmt.Sprintf("    %s to %s: %v\n", r.begun.Sub(since).Round(time.Millisecond), r.ended.Sub(since).Round(time.Millisecond), r.err)
			}
		}
		slowest.mu.Unlock()
		text += "    --\n"
	}
	return text
}

func longest(since time.Time, moments []time.Time) (gap time.Duration) {
	slices.SortFunc(moments, time.Time.Compare)
	for _, m := range append(moments, time.Now()) {
		gap = max(gap, m.Sub(since))
		since = m
	}
	return gap
}
