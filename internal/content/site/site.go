// Package site keeps what the portal says about itself: its name, how to reach it,
// its disclaimer, and the address that an article has on each terminal.
//
// The facts are one row of the settings. Nearly every page shows some of them, so
// they are remembered; another replica may change them, so never for longer than
// a few seconds. Only administrators write them, and nothing is kept that was not
// checked.
package site

import (
	"context"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

const (
	factsSetting = "site"          // the row's name
	Remember     = 5 * time.Second // at most
)

// Service keeps the facts.
type Service struct {
	store *store.Store

	mu    sync.Mutex
	facts Facts
	until instant.Instant // facts are good before it
	since instant.Instant // and, should the clock be set back, from then on
}

// New is the service on s.
func New(s *store.Store) *Service { return &Service{store: s} }

// Get is the facts. Everybody may read them, and nobody may change their map.
func (s *Service) Get(ctx context.Context) (Facts, error) {
	if ent.TxFromContext(ctx) != nil {
		// A transaction sees what it wrote itself, and never waits for somebody
		// who may be waiting for its connection.
		return load(ctx, s.store.Client(ctx))
	}
	s.mu.Lock() // also while reading: of many at once, one reads and the others wait
	defer s.mu.Unlock()
	now := s.store.Clock()
	if s.since <= now && now < s.until {
		return s.facts, nil
	}
	facts, err := load(ctx, s.store.Client(ctx))
	if err != nil {
		return Facts{}, err
	}
	s.facts, s.since, s.until = facts, now, now.Add(Remember)
	return facts, nil
}

// Update changes the facts. Two changes at the same moment both count.
func (s *Service) Update(ctx context.Context, in UpdateInput) (Facts, error) {
	if v := viewer.From(ctx); !v.Is(viewer.Admin, viewer.System) {
		return Facts{}, policy.Denied(v)
	}
	return s.write(ctx, func(facts *Facts) error {
		var bad fault.Invalid
		facts.change(in, &bad)
		return bad.Err()
	})
}

// Put writes all facts, for imports.
func (s *Service) Put(ctx context.Context, facts Facts) error {
	if v := viewer.From(ctx); !v.Is(viewer.System) {
		return policy.Denied(v)
	}
	var bad fault.Invalid
	facts.check(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := s.write(ctx, func(old *Facts) error {
		*old = facts
		return nil
	})
	return err
}

func (s *Service) write(ctx context.Context, alter func(*Facts) error) (facts Facts, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.alone(ctx, c); err != nil {
			return err
		}
		if facts, err = load(ctx, c); err != nil {
			return err
		}
		if err := alter(&facts); err != nil {
			return err
		}
		facts.ChangedAt = s.store.Clock()
		return save(ctx, c, facts)
	})
	if err != nil {
		return Facts{}, err
	}
	s.forget()
	return facts, nil
}

// alone keeps other writers of the facts away until the transaction ends. On
// SQLite every transaction is alone.
func (s *Service) alone(ctx context.Context, c *ent.Client) error {
	return s.store.Lock(ctx, c, "LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE")
}

// forget makes the next Get read. Whoever is reading at this moment has the mutex
// and is waited for, so that what it read before the change is not kept either.
func (s *Service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = s.since
}

func load(ctx context.Context, c *ent.Client) (Facts, error) {
	s := stored{Facts: defaults()} // for what an older version did not write
	s.URLs = nil                   // the row says which terminals have one
	found, err := setting.GetJSON(ctx, c, factsSetting, &s)
	if err != nil || !found {
		return defaults(), err
	}
	s.Facts.ChangedAt = s.ChangedAt
	return s.Facts, nil
}

func save(ctx context.Context, c *ent.Client, facts Facts) error {
	return setting.PutJSON(ctx, c, factsSetting, stored{facts, facts.ChangedAt})
}
