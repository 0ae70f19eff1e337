package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// clockMargin bounds how far the clocks of replicas are apart: a replay begins that much
// earlier, and ends that much later, than was asked.
const clockMargin = time.Minute

// Replay delivers a range of events again, under their old ids, before anything new. A
// replay replaces one that is under way.
func (s *Service) Replay(ctx context.Context, in ReplayInput) (*ent.Webhook, error) {
	if err := policy.Require(ctx, policy.ManageWebhooks); err != nil {
		return nil, err
	}
	after, until, err := s.replayRange(ctx, in)
	if err != nil {
		return nil, err
	}
	horizon, err := s.log.Horizon(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the horizon of the change feed: %w", err)
	}
	after = max(after, horizon)
	field := "from"
	if in.Event != nil {
		field = "event"
	}
	defer s.wake()
	return s.update(ctx, in.Webhook, func(_ context.Context, w *ent.Webhook, u *ent.WebhookUpdateOne) error {
		if until = min(until, max(w.Position, w.Base)); until <= after {
			var bad fault.Invalid
			bad.Add("UNKNOWN", field, "nothing was delivered in that range; what follows needs no replay")
			return bad
		}
		u.SetReplayPosition(after).SetReplayStep("").SetReplayUntil(until).SetFailures(0).SetDueAt(s.store.Clock())
		return nil
	})
}

// replayRange returns the positions of the feed that in asks for.
func (s *Service) replayRange(ctx context.Context, in ReplayInput) (after, until int64, err error) {
	var bad fault.Invalid
	if (in.Event == nil) == (in.From == nil) {
		bad.Add("INVALID", "from", "give either from (and until), or event")
		return 0, 0, bad
	}
	if in.Event != nil {
		if until, err = PositionOf(*in.Event); err != nil {
			bad.Add("INVALID", "event", "%.60q is not the id of an event, such as chg_1234", *in.Event)
			return 0, 0, bad
		}
		return until - 1, until, nil
	}
	end, err := s.log.End(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the end of the change feed: %w", err)
	}
	if after, err = s.positionAt(ctx, in.From.Add(-clockMargin), end); err != nil || in.Until == nil {
		return after, end, err
	}
	if *in.Until < *in.From {
		bad.Add("INVALID", "until", "must not be before from")
		return 0, 0, bad
	}
	until, err = s.positionAt(ctx, in.Until.Add(clockMargin), end)
	return after, until, err
}

// positionAt returns the position of the last change before an instant by binary search:
// the feed is in the order of commits, and so nearly in that of times.
func (s *Service) positionAt(ctx context.Context, at instant.Instant, end int64) (int64, error) {
	low := int64(0) // is before at; end+1 is not
	for high := end + 1; high-low > 1; {
		middle := low + (high-low)/2
		next, err := s.log.Read(ctx, middle-1, 1)
		if err != nil {
			return 0, fmt.Errorf("search the change feed: %w", err)
		}
		if len(next) == 1 && next[0].At < at {
			low = next[0].Position
		} else {
			high = middle
		}
	}
	return low, nil
}
