package publisher

import (
	"context"
	"fmt"
	"sync"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/snapshot"
)

// mostKept bounds the publishers in memory: where readers write articles there are many.
const mostKept = 20_000

// known holds the publishers that were asked for, as they are in one version of the table.
type known struct {
	mu   sync.Mutex
	rows map[string]*ent.Publisher // nil for an id that no publisher has
}

func empty(context.Context) (*known, error) { return &known{rows: map[string]*ent.Publisher{}}, nil }

// find returns the known rows with these ids, and the ids that are not known.
func (k *known) find(ids []string) (rows []*ent.Publisher, unknown []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range ids {
		switch row, ok := k.rows[id]; {
		case !ok:
			unknown = append(unknown, id)
		case row != nil:
			rows = append(rows, row)
		}
	}
	return rows, unknown
}

// add adds the rows that were found for ids.
func (k *known) add(ids []string, rows []*ent.Publisher) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.rows)+len(ids) > mostKept {
		clear(k.rows)
	}
	for _, id := range ids {
		k.rows[id] = nil
	}
	for _, row := range rows {
		k.rows[row.ID] = row
	}
}

// keptByIDs returns the publishers with these ids, and reads those that are not known.
func (s *Service) keptByIDs(ctx context.Context, kept **known, ids []string) (map[string]*ent.Publisher, error) {
	k := *kept
	rows, unknown := k.find(ids)
	if len(unknown) > 0 {
		system := viewer.AsSystem(ctx)
		more, err := s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(unknown...)).All(system)
		if err != nil {
			return nil, fmt.Errorf("read publishers by id: %w", err)
		}
		k.add(unknown, more)
		rows = append(rows, more...)
	}
	copies := snapshot.Copy(func(p *ent.Publisher) *dataloader.Group[*ent.Publisher] { return &p.Group })
	found := make(map[string]*ent.Publisher, len(rows))
	for _, row := range rows {
		own := copies.Add(row)
		policy.MaskPublisher(ctx, own)
		found[row.ID] = own
	}
	copies.Bind()
	return found, nil
}
