// Package wordlist keeps the lists of words that comments are checked against: some in
// files that the operator names, some that moderators put over the API. All of them
// together are one filter, exchanged as a whole while others check with it; a replica
// notices within seconds that a list was put on another.
package wordlist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

const (
	prefix  = "words:"
	version = "words_version" // changes whenever a list does
	maxText = 8 << 20         // bytes of one list
)

// Service is what can be done with lists.
type Service struct {
	store *store.Store
	audit *audit.Log
	words *contentcheck.Words
	files []wordfilter.Entry

	mu    sync.Mutex
	known string // the version that is in place
}

// New is the service that keeps words up to date. It reads the files once; an error names
// the file and the line.
func New(s *store.Store, log *audit.Log, words *contentcheck.Words, files []string) (*Service, error) {
	service := &Service{store: s, audit: log, words: words}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "the list of words %s cannot be read", name)
		}
		list, err := wordfilter.Parse(bytes.NewReader(text))
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "the list of words %s: %v", name, err)
		}
		service.files = append(service.files, list...)
	}
	return service, nil
}

// List is a list that was put over the API.
type List struct {
	Name  string
	Text  string
	Words int
}

// Put puts a list in place of the one of that name; an empty text removes it. For
// moderators.
func (s *Service) Put(ctx context.Context, name, text string) (*List, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
	}
	var bad fault.Invalid
	if slug.Check(name) != nil {
		bad.Add("INVALID", "name", "must be a name such as ads or names-2026: small letters, digits and hyphens")
	}
	entries, err := wordfilter.Parse(strings.NewReader(text))
	switch {
	case len(text) > maxText:
		bad.Add("TOO_LONG", "text", "has %d bytes; at most %d fit: use several lists", len(text), maxText)
	case err != nil:
		bad.Add("INVALID", "text", "%v", err)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if len(entries) == 0 {
			if err := setting.Delete(ctx, c, prefix+name); err != nil {
				return err
			}
		} else if err := setting.Put(ctx, c, prefix+name, text); err != nil {
			return err
		}
		if err := setting.Put(ctx, c, version, fmt.Sprint(s.store.Clock())); err != nil {
			return err
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "WORDS", Detail: map[string]any{"list": name, "words": len(entries)}})
	})
	if err != nil {
		return nil, fmt.Errorf("put the list of words %s: %w", name, err)
	}
	return &List{name, text, len(entries)}, s.Load(ctx)
}

// Lists is the lists that were put over the API, by name. For moderators.
func (s *Service) Lists(ctx context.Context) ([]*List, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
	}
	rows, err := s.rows(ctx)
	lists := make([]*List, len(rows))
	for i, row := range rows {
		entries, err := wordfilter.Parse(strings.NewReader(row.Value))
		if err != nil {
			return nil, err
		}
		lists[i] = &List{strings.TrimPrefix(row.ID, prefix), row.Value, len(entries)}
	}
	return lists, err
}

func (s *Service) rows(ctx context.Context) ([]*ent.Setting, error) {
	return setting.WithPrefix(ctx, s.store.Client(ctx), prefix)
}

// Load puts all lists in place, if any changed since.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, ok, err := setting.Get(ctx, s.store.Client(ctx), version)
	if err != nil {
		return fmt.Errorf("look for changed lists of words: %w", err)
	}
	if !ok {
		now = "none"
	}
	if now == s.known {
		return nil
	}
	rows, err := s.rows(ctx)
	if err != nil {
		return fmt.Errorf("read the lists of words: %w", err)
	}
	all := s.files
	for _, row := range rows {
		list, err := wordfilter.Parse(strings.NewReader(row.Value))
		if err != nil {
			return fmt.Errorf("read the list of words %s: %w", row.ID, err)
		}
		all = append(all[:len(all):len(all)], list...)
	}
	s.words.Put(wordfilter.Compile(all))
	s.known = now
	return nil
}

// interval is how often it is looked whether a list was put elsewhere.
const interval = 2 * time.Second

// Run keeps the lists up to date until ctx ends.
func (s *Service) Run(ctx context.Context, logger *slog.Logger) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if err := s.Load(ctx); err != nil && !errors.Is(err, context.Canceled) {
			logger.ErrorContext(ctx, "the lists of words are not up to date", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}
