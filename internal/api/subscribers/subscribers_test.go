package subscribers_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

func withToken(ctx context.Context, token string) context.Context {
	return viewer.With(ctx, viewer.Viewer{Role: viewer.Integrator, TokenID: token})
}

func at(ctx context.Context, address string) context.Context {
	return reqinfo.With(ctx, reqinfo.Info{Address: netip.MustParseAddr(address)})
}

func limited(t *testing.T, err error) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Limited {
		t.Errorf("got %v; want LIMITED", err)
	}
}

// TestLimits counts by token, by address, by network of IPv6, and all subscriptions.
func TestLimits(t *testing.T) {
	t.Parallel()
	a := subscribers.New(subscribers.Options{Total: 6, Strangers: 6, Each: 2})
	enter := func(ctx context.Context) func() {
		t.Helper()
		_, leave, err := a.Admit(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return leave
	}
	ctx := t.Context()
	leave := enter(withToken(ctx, "tok_a"))
	enter(withToken(ctx, "tok_a"))
	_, _, err := a.Admit(withToken(ctx, "tok_a"))
	limited(t, err)
	leave()
	leave() // twice is once
	enter(withToken(ctx, "tok_a"))
	_, _, err = a.Admit(withToken(ctx, "tok_a"))
	limited(t, err)

	enter(at(ctx, "2001:db8::1"))
	enter(at(ctx, "2001:db8::ffff:2"))
	_, _, err = a.Admit(at(ctx, "2001:db8:0:0:1::3"))
	limited(t, err)

	enter(at(ctx, "192.0.2.1"))
	enter(at(ctx, "192.0.2.2"))
	_, _, err = a.Admit(at(ctx, "192.0.2.3"))
	limited(t, err)
}

// TestTokenEnds ends the subscriptions of a token that was revoked, and no others.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked [][]string
	ended := make(chan struct{})
	a := subscribers.New(subscribers.Options{Every: time.Millisecond, Ended: func(_ context.Context, ids []string) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(ids)
		asked = append(asked, ids)
		select {
		case <-ended:
			return []string{"tok_b"}, nil
		default:
			return nil, errors.New("the database is away") // ends no subscription
		}
	}})
	stays, _, err := a.Admit(withToken(t.Context(), "tok_a"))
	if err != nil {
		t.Fatal(err)
	}
	goes, leave, err := a.Admit(withToken(t.Context(), "tok_b"))
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	close(ended)
	<-goes.Done()
	if cause := context.Cause(goes); !errors.Is(cause, subscribers.ErrToken) {
		t.Errorf("it ended with %v", cause)
	}
	if stays.Err() != nil {
		t.Errorf("the other ended with %v", context.Cause(stays))
	}
	mu.Lock()
	defer mu.Unlock()
	if last := asked[len(asked)-1]; !slices.Equal(last, []string{"tok_a", "tok_b"}) {
		t.Errorf("one statement asks for %v", last)
	}
}

// TestGracefulShutdown ends all, admits no more, and waits for the last.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	a := subscribers.New(subscribers.Options{})
	ctx, leave, err := a.Admit(withToken(t.Context(), "tok_a"))
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- a.Close(t.Context()) }()
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, subscribers.ErrStopping) {
		t.Errorf("it ended with %v", cause)
	}
	if _, _, err := a.Admit(t.Context()); !errors.Is(err, subscribers.ErrStopping) {
		t.Errorf("after the end: %v", err)
	}
	select {
	case err := <-closed:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	leave()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if err := a.Close(t.Context()); err != nil { // none is open
		t.Fatal(err)
	}
	impatient := subscribers.New(subscribers.Options{})
	if _, _, err := impatient.Admit(t.Context()); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := impatient.Close(over); !errors.Is(err, context.Canceled) {
		t.Errorf("it returned %v", err)
	}
}

// TestStrangersLeavePlaces limits the subscriptions without a token apart, so that they cannot
// take the places of tokens.
func TestStrangersLeavePlaces(t *testing.T) {
	t.Parallel()
	a := subscribers.New(subscribers.Options{Total: 10, Strangers: 2})
	for i, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
		_, _, err := a.Admit(at(t.Context(), address))
		if i < 2 && err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			limited(t, err)
		}
	}
	for range 8 {
		if _, _, err := a.Admit(withToken(t.Context(), "tok_a")); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := a.Admit(withToken(t.Context(), "tok_a"))
	limited(t, err)
}

// TestIdentify counts a connection by the token that it names later, within its limit.
func TestIdentify(t *testing.T) {
	t.Parallel()
	a := subscribers.New(subscribers.Options{Total: 10, Each: 1, Strangers: 1})
	anonymous := at(t.Context(), "192.0.2.1")
	ctx, leave, err := a.Admit(anonymous)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Identify(ctx, viewer.Viewer{TokenID: "tok_a"}); err != nil {
		t.Fatal(err)
	}
	other, _, err := a.Admit(anonymous)
	if err != nil {
		t.Fatal("the place of the first is still taken:", err)
	}
	limited(t, a.Identify(other, viewer.Viewer{TokenID: "tok_a"}))
	leave()
	if err := a.Identify(other, viewer.Viewer{TokenID: "tok_a"}); err != nil {
		t.Fatal(err)
	}
}

// TestCheck looks one token up.
func TestCheck(t *testing.T) {
	t.Parallel()
	a := subscribers.New(subscribers.Options{Ended: func(_ context.Context, ids []string) ([]string, error) {
		if ids[0] == "tok_lost" {
			return nil, errors.New("the database is away")
		}
		return slices.DeleteFunc(ids, func(id string) bool { return id != "tok_b" }), nil
	}})
	if err := a.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := a.Check(withToken(t.Context(), "tok_a")); err != nil {
		t.Error(err)
	}
	if err := a.Check(withToken(t.Context(), "tok_b")); !errors.Is(err, subscribers.ErrToken) {
		t.Error(err)
	}
	if err := a.Check(withToken(t.Context(), "tok_lost")); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
