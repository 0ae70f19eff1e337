package heartbeat_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
)

// TestRegistry runs a loop that hangs once, next to one that works.
func TestRegistry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := heartbeat.New(time.Now)
		stuck, works := r.Add(t.Context(), "stuck", time.Minute), r.Add(t.Context(), "works", time.Minute)
		hang := make(chan struct{})
		go func() {
			_ = heartbeat.Round(stuck, time.Hour, func(context.Context) error { <-hang; return nil })
		}()
		for range 7 {
			time.Sleep(10 * time.Second)
			if err := heartbeat.Round(works, time.Second, func(context.Context) error { return errors.New("no database") }); err == nil {
				t.Error("the error of a round is lost")
			}
		}
		if late := r.Late(); late != "stuck" {
			t.Errorf("late: %q", late)
		}
		if ages := r.Ages(); ages["stuck"] != 70*time.Second || ages["works"] != 0 {
			t.Errorf("ages: %v", ages)
		}
		close(hang)
		synctest.Wait()
		if late := r.Late(); late != "" {
			t.Errorf("late after the round: %q", late)
		}
	})
}

// TestRound ends a round that waits, also outside of a registry.
func TestRound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		err := heartbeat.Round(t.Context(), time.Minute, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
	})
}
