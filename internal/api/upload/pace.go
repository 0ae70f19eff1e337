package upload

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
)

// Pace is the least throughput of an upload by a client without a token. A slower one is cut
// off, because it takes the slot of others. The zero value is the default.
type Pace struct {
	After time.Duration // from when on it applies; 5 s
	Rate  int           // bytes a second since the beginning; 16 KiB
}

// pacedBody is a body whose connection is cut off when it becomes slower than the pace.
type pacedBody struct {
	io.ReadCloser
	pace     Pace
	start    time.Time
	last     time.Time // the upload's own deadline; zero: none
	received int64
	deadline func(time.Time) error
}

// newPacedBody returns the body of r at the pace p.
func newPacedBody(w http.ResponseWriter, r *http.Request, p Pace) *pacedBody {
	p.After, p.Rate = cmp.Or(p.After, 5*time.Second), cmp.Or(p.Rate, 16<<10)
	last, _ := r.Context().Deadline()
	return &pacedBody{ReadCloser: r.Body, pace: p, start: time.Now(), last: last, deadline: http.NewResponseController(w).SetReadDeadline}
}

// Read reads until the moment at which the upload would become too slow.
func (b *pacedBody) Read(p []byte) (int, error) {
	due := b.start.Add(max(b.pace.After, time.Duration(b.received)*time.Second/time.Duration(b.pace.Rate)))
	if !b.last.IsZero() && b.last.Before(due) {
		due = b.last
	}
	if err := b.deadline(due); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.received += int64(n)
	return n, err
}

// network returns the network of the client, by which strangers are counted.
func network(ctx context.Context) string {
	return ratelimit.Network(reqinfo.From(ctx).Address).String()
}
