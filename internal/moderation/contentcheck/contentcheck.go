// Package contentcheck checks what readers write, for spam and forbidden content, before it
// is shown: against a list of words, by a program of the operator, by WeChat's
// msg_sec_check.
//
// All checkers run concurrently under one timeout, and the most severe finding counts. A
// checker that times out, fails or responds with nonsense yields Hold: unchecked text waits
// for a moderator and is never shown. The package reports findings; package comment decides
// what follows from them.
package contentcheck

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// Subject is a text to check.
type Subject struct {
	Text    string
	Author  string // the name that the author gave
	Article string // the id of the article
	Address string // redacted, because checkers do not need all of it
	Code    string // of wx.login, from a mini-program; empty elsewhere
}

// Finding is the result of a check.
type Finding struct {
	Action wordfilter.Action
	Reason string // for moderators
	Masked string // the text with forbidden words masked; empty: unchanged
}

// Checker checks one subject. It returns when ctx ends.
type Checker interface {
	Name() string
	Check(ctx context.Context, s Subject) (Finding, error)
}

// Pipeline runs several checkers. The nil Pipeline passes everything.
type Pipeline struct {
	checkers []Checker
	timeout  time.Duration
	logger   *slog.Logger
}

// New returns a Pipeline of checkers that share one timeout.
func New(timeout time.Duration, logger *slog.Logger, checkers ...Checker) *Pipeline {
	return &Pipeline{checkers, timeout, logger}
}

// result is what one checker returned.
type result struct {
	name    string
	finding Finding
	err     error
}

// Check runs all checkers and combines their findings. It takes no longer than the timeout.
func (p *Pipeline) Check(ctx context.Context, s Subject) Finding {
	all := Finding{Masked: s.Text}
	if p == nil || len(p.checkers) == 0 {
		return all
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	results := make(chan result, len(p.checkers)) // buffered, so that a late checker can still return
	pending := make(map[string]bool, len(p.checkers))
	for _, c := range p.checkers {
		pending[c.Name()] = true
		go func() { results <- run(ctx, c, s) }()
	}
	for len(pending) > 0 {
		select {
		case r := <-results:
			delete(pending, r.name)
			p.add(ctx, &all, r)
		case <-ctx.Done():
			for name := range pending {
				p.add(ctx, &all, result{name, Finding{}, ctx.Err()})
			}
			return all
		}
	}
	return all
}

// run runs one checker and recovers its panic.
func run(ctx context.Context, c Checker, s Subject) (r result) {
	r.name = c.Name()
	defer func() {
		if p := recover(); p != nil {
			r.err = fmt.Errorf("panic: %v", p)
		}
	}()
	r.finding, r.err = c.Check(ctx, s)
	return r
}

// add combines one result with the finding of all.
func (p *Pipeline) add(ctx context.Context, all *Finding, r result) {
	if r.err != nil {
		p.logger.WarnContext(ctx, "content check failed; holding the comment for review", "checker", r.name, "error", r.err)
		r.finding = Finding{Action: wordfilter.Hold, Reason: "did not answer"}
	}
	if r.finding.Action == wordfilter.Pass {
		return
	}
	if r.finding.Masked != "" {
		all.Masked = r.finding.Masked
	}
	all.Action = max(all.Action, r.finding.Action)
	all.Reason = strings.TrimPrefix(all.Reason+"; "+r.name+": "+r.finding.Reason, "; ")
}
