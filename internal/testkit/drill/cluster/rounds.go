package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/drill"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// fault breaks something and returns from which moment on writes and reads should work
// again, and how to end what it broke.
type fault struct {
	name  string
	times int           // with the effort 1; `make drill` has 10
	held  time.Duration // for which what is frozen keeps locks that others need
	cause func(context.Context, *rounds, int) (moment time.Time, end func() error, err error)
}

var faults = []fault{
	{"switchover", 2, 0, switchOver},
	{"kill", 2, 0, killPrimary},
	{"freeze-primary", 1, 0, freezePrimary},
	{"freeze-tonggao", 1, idleTimeout, freezeReplica},
	{"stall", 1, idleTimeout, stall},
}

// idleTimeout is idle_in_transaction_session_timeout: PostgreSQL frees then what the
// transactions of a client hold that is frozen, or cut off.
const idleTimeout = 5 * time.Second

func names() (list []string) {
	for _, f := range faults {
		list = append(list, f.name)
	}
	return list
}

// rounds breaks the cluster, one fault after the other.
type rounds struct {
	cluster  *cluster
	load     *drill.Load
	settings settings
	worst    map[string]drill.Recovery
}

// line is the format of a line. Its columns: how long it takes without a fault until every
// client has written once; from the fault to the moment from which all should work, such as
// the promotion; from this moment until the first and the last client write and read; the
// longest time without any write, and without any read; and until the background work of
// every replica was seen.
const line = "%-18s %9v %9v %9v %9v %9v %9v %9v %9v %9v\n"

// run runs all rounds, the faults in turn, and returns how many problems there were.
func (r *rounds) run(ctx context.Context) (problems int) {
	r.worst = map[string]drill.Recovery{}
	fmt.Printf(line, "round", "usual", "moment", "write", "all write", "read", "all read", "no write", "no read", "work")
	for number := 0; ctx.Err() == nil; number++ {
		left := false
		for _, f := range faults {
			chosen := r.settings.only == "" || slices.Contains(strings.Split(r.settings.only, ","), f.name)
			if !chosen || number >= r.times(f) || ctx.Err() != nil {
				continue
			}
			left = true
			err := r.round(ctx, f, number)
			if err != nil && ctx.Err() == nil {
				problems++
				fmt.Printf("  PROBLEM in %s %d of %d: %v\n", f.name, number+1, r.times(f), err)
			}
			if errors.Is(err, errUnhealthy) { // no later round could say anything
				return problems
			}
			for _, p := range r.load.Problems() {
				problems++
				fmt.Println("  PROBLEM", p)
			}
		}
		if !left {
			break
		}
	}
	for name, w := range r.worst {
		fmt.Printf("worst of %-15s every client writes %s, reads %s after the moment\n", name, round(w.LastWrite), round(w.LastRead))
	}
	return problems
}

// times returns how many rounds of a fault there are.
func (r *rounds) times(f fault) int {
	if r.settings.rounds > 0 {
		return r.settings.rounds
	}
	return effort.N(f.times)
}

// errUnhealthy reports that the servers did not recover from the round before.
var errUnhealthy = errors.New("the servers are not a primary with two standbys again")

// longestRound bounds each wait of a round.
const longestRound = time.Minute

// round breaks one thing, waits until all works again, and prints a line.
func (r *rounds) round(ctx context.Context, f fault, number int) error {
	if err := r.cluster.await(ctx, "a healthy cluster", func() error { return r.cluster.healthy(ctx) }); err != nil {
		return fmt.Errorf("%w: %w", errUnhealthy, err)
	}
	usual, err := r.load.Recovered(ctx, time.Now(), longestRound)
	if err != nil {
		return fmt.Errorf("before the round: %w", err)
	}
	begun := time.Now()
	moment, end, err := f.cause(ctx, r, number)
	if err != nil {
		return err
	}
	recovery, failed := r.load.Recovered(ctx, moment, longestRound)
	slowest := r.load.Slowest(moment)
	if end != nil {
		if err := end(); err != nil {
			return err
		}
	}
	if failed != nil {
		return failed
	}
	work, err := r.load.Working(ctx, fmt.Sprintf("%s第%d轮", f.name, number+1), longestRound)
	if err != nil {
		return fmt.Errorf("background work: %w", err)
	}
	noWrite, noRead := r.load.LongestGap(begun)
	fmt.Printf(line, fmt.Sprintf("%s %d/%d", f.name, number+1, r.times(f)), round(usual.LastWrite), round(moment.Sub(begun)), round(recovery.FirstWrite),
		round(recovery.LastWrite), round(recovery.FirstRead), round(recovery.LastRead), round(noWrite), round(noRead), round(work))
	w := r.worst[f.name]
	r.worst[f.name] = drill.Recovery{LastWrite: max(w.LastWrite, recovery.LastWrite), LastRead: max(w.LastRead, recovery.LastRead)}
	for _, replica := range r.cluster.Replicas {
		if drill.Exited(replica.process) {
			return fmt.Errorf("%s has ended", replica.Name)
		}
	}
	if recovery.LastWrite > r.settings.write+f.held || recovery.LastRead > r.settings.read {
		return fmt.Errorf("it took too long: every client writes after %s and reads after %s; requests of the slowest, from the moment on:\n%s",
			round(recovery.LastWrite), round(recovery.LastRead), slowest)
	}
	return nil
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

// switchOver asks Patroni for another primary.
func switchOver(ctx context.Context, r *rounds, _ int) (time.Time, func() error, error) {
	old, err := r.cluster.leader(ctx)
	if err != nil {
		return time.Time{}, nil, err
	}
	asked := make(chan error, 1)
	go func() { asked <- r.cluster.switchover(ctx, old) }()
	at, err := r.cluster.promoted(ctx, old)
	return at, func() error { return <-asked }, err
}

// killPrimary sends SIGKILL to all processes of the primary.
func killPrimary(ctx context.Context, r *rounds, _ int) (time.Time, func() error, error) {
	old, pid, err := r.cluster.primary(ctx)
	if err == nil {
		err = drill.Signal(syscall.SIGKILL, drill.Tree(pid)...)
	}
	if err != nil {
		return time.Time{}, nil, err
	}
	at, err := r.cluster.promoted(ctx, old)
	return at, nil, err
}

// freezePrimary stops the primary and its Patroni, as a machine that hangs, until another
// one has taken over.
func freezePrimary(ctx context.Context, r *rounds, _ int) (time.Time, func() error, error) {
	old, pid, err := r.cluster.primary(ctx)
	if err != nil {
		return time.Time{}, nil, err
	}
	frozen := append(drill.Tree(old.patroni.Process.Pid), drill.Tree(pid)...)
	thaw := func() error { return drill.Signal(syscall.SIGCONT, frozen...) }
	if err := drill.Signal(syscall.SIGSTOP, frozen...); err != nil {
		return time.Time{}, nil, err
	}
	at, err := r.cluster.promoted(ctx, old)
	if err != nil {
		_ = thaw()
	}
	return at, thaw, err
}

// freezeReplica stops a Tonggao for ten seconds: its clients must use the others.
func freezeReplica(_ context.Context, r *rounds, number int) (time.Time, func() error, error) {
	frozen := r.cluster.Replicas[number%len(r.cluster.Replicas)].process.Process.Pid
	at := time.Now()
	return at, func() error {
		<-time.After(time.Until(at.Add(stallTime)))
		return drill.Signal(syscall.SIGCONT, frozen)
	}, drill.Signal(syscall.SIGSTOP, frozen)
}

// stallTime is how long a Tonggao is frozen, or a network forwards nothing.
const stallTime = 10 * time.Second

// stall stops the network: in turn before the primary, where all must work after it flows
// again, and between a Tonggao and its pooler, where its clients must use the others.
func stall(ctx context.Context, r *rounds, number int) (time.Time, func() error, error) {
	if number%2 == 0 {
		old, err := r.cluster.leader(ctx)
		if err != nil {
			return time.Time{}, nil, err
		}
		old.link.Stall()
		<-time.After(stallTime)
		old.link.Resume()
		return time.Now(), nil, nil
	}
	link := r.cluster.Replicas[number/2%2].link
	link.Stall()
	at := time.Now()
	return at, func() error {
		<-time.After(time.Until(at.Add(stallTime)))
		link.Resume()
		return nil
	}, nil
}

// primary returns the primary and its process.
func (c *cluster) primary(ctx context.Context) (*node, int, error) {
	n, err := c.leader(ctx)
	if err != nil {
		return nil, 0, err
	}
	pid, err := drill.Postmaster(n.Data)
	return n, pid, err
}
