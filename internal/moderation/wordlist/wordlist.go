// Package wordlist stores the lists of words that comments are checked against: files that
// the operator names, and lists that moderators put over the API. It compiles them all
// into one filter, which it replaces as a whole, so that a check never sees half a list.
//
// Invariant: a list that was put on one replica is in force on all others within seconds
// (each polls a version). The package does not check comments; contentcheck.Words does.
package wordlist

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

const (
	prefix  = "words:"        // of the settings that hold lists
	version = "words_version" // the setting that changes whenever a list does
	maxText = 4 << 20         // characters of one list
)

// Options configures a Service.
type Options struct {
	Store *store.Store
	Audit *audit.Log
	Words *contentcheck.Words // receives the compiled filter
	Files []string            // lists that the operator keeps in files
}

// Service stores lists and keeps the compiled filter up to date.
type Service struct {
	store *store.Store
	audit *audit.Log
	words *contentcheck.Words
	files []wordfilter.Entry

	mu     sync.Mutex
	loaded string // the version that is in force
}

// New returns a Service with the given options. It reads the files once; an error names
// the file and the line.
func New(o Options) (*Service, error) {
	s := &Service{store: o.Store, audit: o.Audit, words: o.Words}
	for _, name := range o.Files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "the word list %s cannot be read", name)
		}
		list, err := wordfilter.Parse(bytes.NewReader(text))
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "the word list %s: %v", name, err)
		}
		s.files = append(s.files, list...)
	}
	return s, nil
}

// List is a list that was put over the API.
type List struct {
	Name  string
	Text  string
	Words int
}

// Put stores a list and replaces the one with that name; a text without words removes it.
func (s *Service) Put(ctx context.Context, name, text string) (*List, error) {
	if err := policy.Require(ctx, policy.WriteWordLists); err != nil {
		return nil, err
	}
	text, entries, err := check(name, text)
	if err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if len(entries) == 0 {
			err = setting.Delete(ctx, c, prefix+name)
		} else {
			err = setting.Put(ctx, c, prefix+name, text)
		}
		if err != nil {
			return err
		}
		if err := setting.Put(ctx, c, version, rand.Text()); err != nil {
			return err
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "WORDS", Detail: map[string]any{"list": name, "words": len(entries)}})
	})
	if err != nil {
		return nil, fmt.Errorf("put the word list %s: %w", name, err)
	}
	if err := s.Load(ctx); err != nil {
		return nil, err
	}
	return &List{name, text, len(entries)}, nil
}

// check checks the name and the text of a list, and returns the text, trimmed, with its
// entries.
func check(name, text string) (string, []wordfilter.Entry, error) {
	var bad fault.Invalid
	if slug.Check(name) != nil {
		bad.Add("INVALID", "name", "must be a name such as ads or names-2026: lower-case letters, digits and hyphens")
	}
	before := len(bad)
	text = input.Text(&bad, "text", text, 0, maxText)
	if len(bad) > before {
		return "", nil, bad
	}
	entries, err := wordfilter.Parse(strings.NewReader(text))
	if err != nil {
		bad.Add("INVALID", "text", "%v", err)
	}
	return text, entries, bad.Err()
}

// Lists returns the lists that were put over the API, by name.
func (s *Service) Lists(ctx context.Context) ([]*List, error) {
	if err := policy.Require(ctx, policy.WriteWordLists); err != nil {
		return nil, err
	}
	rows, err := setting.WithPrefix(ctx, s.store.Client(ctx), prefix)
	if err != nil {
		return nil, fmt.Errorf("list the word lists: %w", err)
	}
	lists := make([]*List, len(rows))
	for i, row := range rows {
		entries, err := parse(row)
		if err != nil {
			return nil, err
		}
		lists[i] = &List{strings.TrimPrefix(row.ID, prefix), row.Value, len(entries)}
	}
	return lists, nil
}

// parse returns the entries of a stored list.
func parse(row *ent.Setting) ([]wordfilter.Entry, error) {
	entries, err := wordfilter.Parse(strings.NewReader(row.Value))
	if err != nil {
		return nil, fmt.Errorf("parse the word list %s: %w", row.ID, err)
	}
	return entries, nil
}

// Load compiles all lists and puts them in force, if any changed since the last call.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	current, ok, err := setting.Get(ctx, s.store.Client(ctx), version)
	if err != nil {
		return fmt.Errorf("read the version of the word lists: %w", err)
	}
	if !ok {
		current = "none"
	}
	if current == s.loaded {
		return nil
	}
	rows, err := setting.WithPrefix(ctx, s.store.Client(ctx), prefix)
	if err != nil {
		return fmt.Errorf("read the word lists: %w", err)
	}
	all := s.files[:len(s.files):len(s.files)]
	for _, row := range rows {
		entries, err := parse(row)
		if err != nil {
			return err
		}
		all = append(all, entries...)
	}
	s.words.Replace(wordfilter.Compile(all))
	s.loaded = current
	return nil
}

// interval is how often Run looks for lists that were put on another replica.
const interval = 2 * time.Second

// roundTime bounds one call of Load by Run.
const roundTime = 10 * time.Second

// Run calls Load every two seconds until ctx ends.
func (s *Service) Run(ctx context.Context, logger *slog.Logger) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if err := heartbeat.Round(ctx, roundTime, s.Load); err != nil && ctx.Err() == nil {
			logger.ErrorContext(ctx, "word lists could not be loaded; retrying", "error", err, "interval", interval)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}
