package webhook

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// clockMargin is how far the clocks of replicas may be apart: so much earlier a
// replay begins, and later it ends, than was asked.
const clockMargin = time.Minute

// Replay delivers a range of events once more, under the ids that they had, before
// anything new. Of two replays, the later one counts.
func (s *Service) Replay(ctx context.Context, in ReplayInput) (*ent.Webhook, error) {
	if err := check(ctx); err != nil {
		return nil, err
	}
	after, until, err := s.replayRange(ctx, in)
	if err != nil {
		return nil, err
	}
	horizon, err := s.log.Horizon(ctx)
	if err != nil {
		return nil, err
	}
	after = max(after, horizon)
	field := "from"
	if in.Event != nil {
		field = "event"
	}
	defer s.wake()
	return s.change(ctx, in.Webhook, func(_ context.Context, w *ent.Webhook, u *ent.WebhookUpdateOne) error {
		if until = min(until, max(w.Position, w.Base)); until <= after {
			var bad fault.Invalid
			bad.Add("UNKNOWN", field, "nothing that was delivered lies there; what comes next needs no replay")
			return bad
		}
		u.SetReplayPosition(after).SetReplayStep("").SetReplayUntil(until).SetFailures(0).SetDueAt(s.store.Clock())
		return nil
	})
}

// replayRange is the positions of the log that in asks for.
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
		return 0, 0, err
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

// PositionOf is the position in the log of the change that an event tells of.
func PositionOf(event string) (int64, error) {
	rest, ours := strings.CutPrefix(event, eventPrefix)
	digits, _, _ := strings.Cut(rest, "_")
	position, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && (!ours || position < 1) {
		err = fmt.Errorf("%.60q is not the id of an event", event)
	}
	return position, err
}

// positionAt is the position of the last change before an instant, by halving the
// log: its entries stand in the order of their commits, and so nearly in that
// of their times.
func (s *Service) positionAt(ctx context.Context, at instant.Instant, end int64) (int64, error) {
	low := int64(0) // is before at; end+1 is not
	for high := end + 1; high-low > 1; {
		middle := low + (high-low)/2
		next, err := s.log.Read(ctx, middle-1, 1)
		if err != nil {
			return 0, err
		}
		if len(next) == 1 && next[0].At < at {
			low = next[0].Position
		} else {
			high = middle
		}
	}
	return low, nil
}
