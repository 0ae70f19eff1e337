// Package site keeps the facts about the portal: its name, how to reach it, its disclaimer,
// and the address that an article has on each terminal.
//
// The facts are one row of the settings. Nearly every page shows some of them, so they are
// cached; another replica may change them, so never for longer than a few seconds. Only
// administrators write them, and nothing is stored that was not checked.
package site

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

const (
	factsSetting = "site"          // the name of the setting
	CacheTTL     = 5 * time.Second // how long the facts are cached, at most
)

var dependencies = invalidation.DependOnSetting(factsSetting)

// Service reads and writes the facts, through a cache.
type Service struct {
	store *store.Store

	mu     sync.Mutex
	caches map[string]*cache // by store.Source: a standby has the facts later
}

// cache holds the facts as one database has them.
type cache struct {
	mu    sync.Mutex
	facts Facts
	read  uint64          // the generation of the store before
	since instant.Instant // facts are valid from then, in case the clock is set back,
	until instant.Instant // and before then
}

// New returns a service on s.
func New(s *store.Store) *Service { return &Service{store: s, caches: map[string]*cache{}} }

// cached returns the cache of the database that ctx reads from.
func (s *Service) cached(ctx context.Context) *cache {
	s.mu.Lock()
	defer s.mu.Unlock()
	source := store.Source(ctx)
	if s.caches[source] == nil {
		s.caches[source] = &cache{}
	}
	return s.caches[source]
}

// Get returns the facts, for all viewers. The caller must not modify the map in them.
func (s *Service) Get(ctx context.Context) (Facts, error) {
	if ent.TxFromContext(ctx) != nil {
		// A transaction reads what it wrote itself, and must not wait for a reader
		// that may be waiting for its connection.
		return load(ctx, s.store.Client(ctx))
	}
	invalidation.ReadSetting(ctx, factsSetting)
	c := s.cached(ctx)
	c.mu.Lock() // also while reading: of concurrent callers one reads and the others wait
	defer c.mu.Unlock()
	now, tracker := s.store.Clock(), s.store.Invalidations()
	if c.since <= now && now < c.until && tracker.Unchanged(dependencies, c.read) {
		return c.facts, nil
	}
	read := tracker.Generation()
	facts, err := load(ctx, s.store.Client(ctx))
	if err != nil {
		return Facts{}, err
	}
	c.facts, c.read, c.since, c.until = facts, read, now, now.Add(CacheTTL)
	return facts, nil
}

// Update changes the facts. Of concurrent changes none is lost.
func (s *Service) Update(ctx context.Context, in UpdateInput) (Facts, error) {
	if err := policy.Require(ctx, policy.UpdateSite); err != nil {
		return Facts{}, err
	}
	return s.write(ctx, func(facts *Facts) error {
		var bad fault.Invalid
		facts.change(in, &bad)
		return bad.Err()
	})
}

// Put replaces all facts, for imports.
func (s *Service) Put(ctx context.Context, facts Facts) error {
	if err := policy.Require(ctx, policy.UpdateSite); err != nil {
		return err
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

// write applies alter to the stored facts, without other writers in between.
func (s *Service) write(ctx context.Context, alter func(*Facts) error) (facts Facts, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.store.LockAdvisory(ctx, c, store.SiteLock); err != nil {
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
	s.invalidate()
	return facts, nil
}

// invalidate makes the next Get read. It waits for a concurrent Get, which may have read
// the facts before the change, and discards what that cached.
func (s *Service) invalidate() {
	s.mu.Lock()
	caches := slices.Collect(maps.Values(s.caches))
	s.mu.Unlock()
	for _, c := range caches {
		c.mu.Lock()
		c.until = c.since
		c.mu.Unlock()
	}
}

func load(ctx context.Context, c *ent.Client) (Facts, error) {
	s := stored{Facts: defaults()} // for fields that an older version did not write
	s.URLs = nil                   // the setting has the terminals that have one
	found, err := setting.GetJSON(ctx, c, factsSetting, &s)
	if err != nil {
		return Facts{}, fmt.Errorf("read the facts of the site: %w", err)
	}
	if !found {
		return defaults(), nil
	}
	s.Facts.ChangedAt = s.ChangedAt
	return s.Facts, nil
}

func save(ctx context.Context, c *ent.Client, facts Facts) error {
	if err := setting.PutJSON(ctx, c, factsSetting, stored{facts, facts.ChangedAt}); err != nil {
		return fmt.Errorf("save the facts of the site: %w", err)
	}
	return nil
}
