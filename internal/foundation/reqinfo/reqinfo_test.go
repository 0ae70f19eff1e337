package reqinfo_test

import (
	"net/netip"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	if got := reqinfo.From(t.Context()); got.ID != "" || got.Address.IsValid() {
		t.Errorf("without a request: %+v", got)
	}
	want := reqinfo.Info{ID: "r7k2", Address: netip.MustParseAddr("192.0.2.7")}
	ctx := reqinfo.With(t.Context(), want)
	if got := reqinfo.From(ctx); got != want {
		t.Errorf("got %+v", got)
	}
	inner := reqinfo.Info{ID: "r7k3"}
	if got := reqinfo.From(reqinfo.With(ctx, inner)); got != inner {
		t.Errorf("the inner context has %+v", got)
	}
}
