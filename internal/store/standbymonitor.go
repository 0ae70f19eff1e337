package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// How standbys are watched: one that is gone is left out after probeInterval + probeTimeout
// at the latest.
const (
	probeInterval = 250 * time.Millisecond
	probeTimeout  = time.Second
	maxSamples    = 4096 // of the end of the primary's log, of which a standby behind has reached an older one
	defaultMaxLag = 10 * time.Second
)

// standbys are the standbys of a database and their monitor.
type standbys struct {
	all     []*standby
	primary *stdsql.DB
	maxLag  time.Duration
	turn    atomic.Uint64 // which one is read next

	stop  context.CancelFunc
	ended chan struct{}

	identity string   // of the primary; empty: not known yet
	samples  []sample // newest last
	silent   bool     // the primary did not answer the last time
}

// A sample says how far the log of the primary was, at least, at a moment.
type sample struct {
	at  time.Time // before it was asked
	end uint64
}

// watch starts the monitor.
func (s *standbys) watch() {
	if s == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.ended = stop, make(chan struct{})
	go func() {
		defer close(s.ended)
		for ticker := time.NewTicker(probeInterval); ctx.Err() == nil; {
			s.round(ctx)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				ticker.Stop()
			}
		}
	}()
}

func (s *standbys) close() (err error) {
	if s == nil {
		return nil
	}
	if s.stop != nil {
		s.stop()
		<-s.ended
	}
	err = s.primary.Close()
	for _, one := range s.all {
		one.gone()
		err = errors.Join(err, one.close())
	}
	return err
}

// round asks the primary and all standbys at once, and decides which of them get reads.
func (s *standbys) round(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	answers, failures := make([]progress, len(s.all)), make([]error, len(s.all))
	var asked sync.WaitGroup
	asked.Go(func() { s.sample(ctx) })
	for i, one := range s.all {
		asked.Go(func() { answers[i], failures[i] = one.ask(ctx) })
	}
	asked.Wait()
	for i, one := range s.all {
		s.judge(one, answers[i], failures[i])
	}
}

// sample records how far the log of the primary is.
func (s *standbys) sample(ctx context.Context) {
	now := sample{at: time.Now()}
	err := s.primary.QueryRowContext(ctx, endQuery).Scan(&now.end)
	if err == nil && s.identity == "" {
		s.identity, err = identify(ctx, s.primary)
	}
	if s.silent = err != nil; s.silent {
		s.identity = ""
		return
	}
	if len(s.samples) == maxSamples {
		s.samples = append(s.samples[:0], s.samples[maxSamples/2:]...)
	}
	s.samples = append(s.samples, now)
}

// judge decides whether a standby gets reads, after its answer to a probe.
func (s *standbys) judge(one *standby, p progress, err error) {
	one.mu.Lock()
	defer one.mu.Unlock()
	if err == nil && len(s.samples) > 0 {
		err = s.compare(one, p)
	} else if err == nil {
		err = errUnknown
	}
	was := one.refused
	one.refused = err
	switch {
	case err == nil && was != nil:
		slog.Info("a standby gets reads", "standby", one.name)
	case err != nil && was == nil:
		slog.Warn("a standby gets no reads for now", "standby", one.name, "reason", err)
	}
	if p.identity == "" || p.replayed == 0 { // it did not answer
		one.identity, one.replayed, one.diverged = "", 0, false
		one.gone()
	} else if one.available.Err() != nil {
		one.available, one.gone = context.WithCancel(context.Background())
	}
}

// compare returns why a standby that answered gets no reads. While the primary is silent,
// one that has all that was known of it is not behind.
func (s *standbys) compare(one *standby, p progress) error {
	last := s.samples[len(s.samples)-1]
	if !s.silent && p.identity != s.identity && p.identity != unknownIdentity && s.identity != unknownIdentity {
		return fmt.Errorf("it is a copy of another database: %s, not %s", p.identity, s.identity)
	}
	if one.diverged = one.diverged || !s.silent && one.replayed > last.end; one.diverged { // what it had before this round
		one.fresh = time.Time{}
		return errors.New("it has replayed what the primary does not have: a failover has left it on another timeline")
	}
	one.identity, one.replayed = p.identity, p.replayed
	one.position.Store(p.position)
	for i := len(s.samples) - 1; i >= 0 && s.samples[i].at.After(one.fresh); i-- {
		if s.samples[i].end <= p.replayed {
			one.fresh = s.samples[i].at
		}
	}
	switch lag := time.Since(one.fresh); {
	case s.silent && p.replayed >= last.end:
		return nil
	case one.fresh.IsZero():
		return errors.New("it has not replayed yet what the primary had at the start")
	case lag > s.maxLag:
		return fmt.Errorf("it is %s behind, more than %s", lag.Round(time.Millisecond), s.maxLag)
	}
	return nil
}

// next returns the standby that the next request reads from, in turn: of those that may be
// read the first that is known to have a position, or else the one that is furthest. It
// returns nil where there is none.
func (s *standbys) next(position int64) (furthest *standby) {
	if s == nil {
		return nil
	}
	start := s.turn.Add(1)
	for i := range s.all {
		one := s.all[(start+uint64(i))%uint64(len(s.all))]
		if !one.fit() {
			continue
		}
		if one.position.Load() >= position {
			return one
		}
		if furthest == nil || one.position.Load() > furthest.position.Load() {
			furthest = one
		}
	}
	return furthest
}

// A Standby describes a standby for metrics.
type Standby struct {
	Name      string // host, port and database
	Reads     bool   // it gets reads
	Lag       time.Duration
	Fallbacks int64 // statements that failed on it and were answered by the primary
}

// Standbys describes the standbys that the store reads from. Everything that was committed
// longer ago than its Lag is on a standby.
func (s *Store) Standbys() (list []Standby) {
	if s.driver.standbys == nil {
		return nil
	}
	for _, one := range s.driver.standbys.all {
		list = append(list, Standby{Name: one.name, Reads: one.fit(), Lag: one.lag(), Fallbacks: one.fallbacks.Load()})
	}
	return list
}

// CheckStandby returns why the database at an address cannot take reads of this one.
func (s *Store) CheckStandby(ctx context.Context, address string) (err error) {
	one, err := s.driver.openStandby(address, Options{Limits: Limits{}.withDefaults()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, one.close()) }()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	p, err := one.ask(ctx)
	if err != nil {
		return fault.Wrap(classify(err), fault.Unavailable, "the standby %s takes no reads: %v", one.name, err)
	}
	identity, err := identify(ctx, s.driver.read)
	if err != nil {
		return err
	}
	if p.identity != identity && p.identity != unknownIdentity && identity != unknownIdentity {
		return fault.New(fault.BadUserInput, "the standby %s is a copy of another database: %s, not %s", one.name, p.identity, identity)
	}
	return nil
}
