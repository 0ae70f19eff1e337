// Package screen lets checkers look at what a reader writes before anybody sees it: a
// list of words, a program of the operator's, WeChat's msg_sec_check.
//
// All checkers look at once and have one deadline together. The gravest finding
// counts. A checker that hangs, fails or answers nonsense finds Hold: what nobody
// looked at waits for a moderator, and is never shown. The package refuses to decide
// what becomes of a comment; it only says what was found.
package contentcheck

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// Subject is what somebody wrote.
type Subject struct {
	Text    string
	Author  string // the name that they gave
	Article string // the id of the article
	Address string // masked; a checker has no need of the whole
	Code    string // of wx.login, from a mini-program; empty elsewhere
}

// Finding is what a checker says of it.
type Finding struct {
	Action wordfilter.Action
	Why    string // for moderators
	Masked string // the text with what must not be shown starred; empty: as it is
}

// Checker is one pair of eyes. It returns when ctx ends.
type Checker interface {
	Name() string
	Check(ctx context.Context, s Subject) (Finding, error)
}

// Screen is all checkers of a portal. The nil Screen finds nothing.
type Pipeline struct {
	checkers []Checker
	limit    time.Duration
	logger   *slog.Logger
}

// New is a screen of checkers that have so long together.
func New(limit time.Duration, logger *slog.Logger, checkers ...Checker) *Pipeline {
	return &Pipeline{checkers, limit, logger}
}

type answer struct {
	name    string
	finding Finding
	err     error
}

// Check asks all checkers. It takes no longer than the limit.
func (s *Pipeline) Check(ctx context.Context, subject Subject) Finding {
	all := Finding{Masked: subject.Text}
	if s == nil || len(s.checkers) == 0 {
		return all
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	answers := make(chan answer, len(s.checkers)) // so that one that comes too late can still leave
	for _, c := range s.checkers {
		go func() { answers <- ask(ctx, c, subject) }()
	}
	waiting := make(map[string]bool, len(s.checkers))
	for _, c := range s.checkers {
		waiting[c.Name()] = true
	}
	for len(waiting) > 0 {
		select {
		case a := <-answers:
			delete(waiting, a.name)
			s.add(ctx, &all, a)
		case <-ctx.Done():
			for name := range waiting {
				s.add(ctx, &all, answer{name, Finding{}, ctx.Err()})
			}
			return all
		}
	}
	return all
}

// ask asks one checker, which may panic.
func ask(ctx context.Context, c Checker, subject Subject) (a answer) {
	a.name = c.Name()
	defer func() {
		if p := recover(); p != nil {
			a.err = fmt.Errorf("panic: %v", p)
		}
	}()
	a.finding, a.err = c.Check(ctx, subject)
	return a
}

// add takes one answer into what was found by all.
func (s *Pipeline) add(ctx context.Context, all *Finding, a answer) {
	if a.err != nil {
		s.logger.WarnContext(ctx, "a checker did not answer; the comment waits", "checker", a.name, "error", a.err)
		a.finding = Finding{Action: wordfilter.Hold, Why: "did not answer"}
	}
	if a.finding.Action == wordfilter.Pass {
		return
	}
	if a.finding.Masked != "" {
		all.Masked = a.finding.Masked
	}
	all.Action = max(all.Action, a.finding.Action)
	all.Why = strings.TrimPrefix(all.Why+"; "+a.name+": "+a.finding.Why, "; ")
}
