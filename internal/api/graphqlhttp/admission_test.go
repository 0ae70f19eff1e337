package graphqlhttp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// admissions records what it is asked, and refuses with its errors.
type admissions struct {
	check, begin error
	refused      int
	price        int64
	bytes        int
}

func (d *admissions) Check(context.Context) error { return d.check }
func (d *admissions) Refused(context.Context)     { d.refused++ }
func (d *admissions) Served(context.Context, int) {}
func (d *admissions) Begin(_ context.Context, price int64) (func(int), error) {
	d.price = price
	return func(bytes int) { d.bytes = bytes }, d.begin
}

// TestAdmission begins a document with its price and ends it with its bytes, counts refused
// documents, and returns to a client when to come again.
func TestAdmission(t *testing.T) {
	t.Parallel()
	d := &admissions{}
	h := portal(graphqlhttp.Options{Admission: d})
	if w := serve(h, postJSON("/", `{"query":"{site{name}}"}`)); w.Code != http.StatusOK || d.price != 2 || d.bytes < len(`{"site":{"name":"养老之家"}}`) || d.refused != 0 {
		t.Errorf("%d, %+v", w.Code, d)
	}
	for _, body := range []string{`{"query":"{site{nope}}"}`, `{"query":"{site{"}`, `{"query":"{` + strings.Repeat("site{name} ", 1000) + `}"}`, `{"query":`, `{"query":""}`} {
		before := d.refused
		if serve(h, postJSON("/", body)); d.refused != before+1 {
			t.Errorf("%.30s is not counted as refused", body)
		}
	}
	d.begin = &fault.Error{Code: fault.Unavailable, Retry: 1500 * time.Millisecond, Message: "busy"}
	if w := serve(h, postJSON("/", `{"query":"{site{name}}"}`)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), "UNAVAILABLE") {
		t.Errorf("busy: %d %v %s", w.Code, w.Header(), w.Body)
	}
	d.check = &fault.Error{Code: fault.Limited, Retry: 3 * time.Second, Message: "in debt"}
	if w := serve(h, postJSON("/", `{"query":"{"}`)); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "3" || !strings.Contains(w.Body.String(), "LIMITED") {
		t.Errorf("in debt: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestAnswerBytes bounds the answer to a viewer without a token.
func TestAnswerBytes(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{AnswerBytes: 10})
	if w := serve(h, postJSON("/", `{"query":"{site{name}}"}`)); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "TOO_EXPENSIVE") || strings.Contains(w.Body.String(), "养老") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	r := postJSON("/", `{"query":"{site{name}}"}`)
	r = r.WithContext(viewer.With(r.Context(), viewer.Viewer{Role: viewer.Editor, TokenID: "tok_1"}))
	if w := serve(h, r); strings.Contains(w.Body.String(), "TOO_EXPENSIVE") {
		t.Errorf("with a token: %s", w.Body)
	}
}
