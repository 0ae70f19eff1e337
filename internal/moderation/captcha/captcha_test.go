package captcha_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// says is a service that answers always the same.
type says struct {
	right bool
	err   error
}

func (s says) Verify(context.Context, string) (bool, error) { return s.right, s.err }

func TestAsk(t *testing.T) {
	t.Parallel()
	never := func() (bool, error) { return false, nil }
	done := func() (bool, error) { return true, nil }
	calls := 0
	meanwhile := func() (bool, error) { calls++; return calls > 1, nil }
	solved := "solved"
	empty, long := "", strings.Repeat("x", 9<<10)
	for _, c := range []struct {
		name     string
		service  says
		solution *string
		written  func() (bool, error)
		role     viewer.Role
		unsure   bool
		wrong    string
	}{
		{"a person", says{true, nil}, &solved, never, viewer.Anonymous, false, ""},
		{"a program", says{false, nil}, &solved, never, viewer.Anonymous, false, "NOT_ALLOWED"},
		{"nobody tried", says{true, nil}, nil, never, viewer.Anonymous, false, "REQUIRED"},
		{"nothing", says{true, nil}, &empty, never, viewer.Anonymous, false, "REQUIRED"},
		{"far too long", says{true, nil}, &long, never, viewer.Anonymous, false, "TOO_LONG"},
		{"the service fails", says{false, errors.New("broken")}, &solved, never, viewer.Anonymous, true, ""},
		{"the service fails, nobody tried", says{false, errors.New("broken")}, nil, never, viewer.Anonymous, false, "REQUIRED"},
		{"sent again", says{false, nil}, &solved, done, viewer.Anonymous, false, ""},
		{"written meanwhile", says{false, nil}, &solved, meanwhile, viewer.Anonymous, false, ""},
		{"a reader's token", says{false, nil}, nil, never, viewer.Reader, false, ""},
		{"a moderator", says{false, nil}, nil, never, viewer.Moderator, false, ""},
	} {
		ctx := viewer.With(t.Context(), viewer.Viewer{Role: c.role})
		var bad fault.Invalid
		unsure, err := captcha.New(c.service, time.Second, silent).Ask(ctx, c.solution, c.written, &bad)
		code := ""
		if len(bad) > 0 {
			code = bad[0].Code
		}
		if err != nil || unsure != c.unsure || code != c.wrong || len(bad) > 1 {
			t.Errorf("%s: unsure %t, %v, %v; want %t, %s", c.name, unsure, bad, err, c.unsure, c.wrong)
		}
	}
	var none *captcha.Captcha
	var bad fault.Invalid
	if unsure, err := none.Ask(t.Context(), nil, never, &bad); unsure || err != nil || len(bad) > 0 {
		t.Errorf("without a captcha: %t, %v, %v", unsure, err, bad)
	}
}

// TestSiteverify goes through what a service may answer, good and bad.
func TestSiteverify(t *testing.T) {
	t.Parallel()
	const right, wrong, nobodyKnows = "right", "wrong", "nobody knows"
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for answer, want := range map[string]string{
		`200 {"success":true,"challenge_ts":"2026-03-02T08:00:00Z","hostname":"example.com"}`:   right,
		`200 {"success":true,"error-codes":[],"action":"comment"}`:                              right,
		`200 {"success":true,"score":0.9,"metadata":{"a":"` + strings.Repeat("x", 2000) + `"}}`: right,
		`200 {"success":false,"error-codes":["invalid-input-response"]}`:                        wrong,
		`200 {"success":false,"error-codes":["timeout-or-duplicate"]}`:                          wrong,
		`200 {"success":false,"error-codes":["sitekey-secret-mismatch"]}`:                       wrong,
		`200 {"success":false}`:                                        wrong,
		`400 {"success":false,"error-codes":["bad-request"]}`:          wrong,
		`400 {"success":true}`:                                         nobodyKnows,
		`200 {"success":true,"error-codes":["bad-request"]}`:           nobodyKnows,
		`200 {"success":false,"error-codes":["invalid-input-secret"]}`: nobodyKnows,
		`200 {"success":false,"error-codes":["internal-error"]}`:       nobodyKnows,
		`200 {"success":"true"}`:                                       nobodyKnows,
		`200 {"success":1}`:                                            nobodyKnows,
		`200 {"success":null}`:                                         nobodyKnows,
		`200 {}`:                                                       nobodyKnows,
		`200 []`:                                                       nobodyKnows,
		`200 true`:                                                     nobodyKnows,
		`200 `:                                                         nobodyKnows,
		`200 <html>ok</html>`:                                          nobodyKnows,
		`200 {"success":true} and more`:                                nobodyKnows,
		`200 {"success":true` + strings.Repeat(" ", 1<<20) + `}`: nobodyKnows,
		`302 {"success":true}`:  nobodyKnows,
		`403 {"success":false}`: nobodyKnows,
		`500 {"success":true}`:  nobodyKnows,
		`hangs`:                 nobodyKnows,
		`hangs up`:              nobodyKnows,
	} {
		t.Run(answer[:min(len(answer), 60)], func(t *testing.T) {
			t.Parallel()
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil || r.PostForm.Encode() != "response=a%26b%3D%E5%A5%BD&secret=s3cret" {
					t.Errorf("it was asked %v, %v", r.PostForm, err)
				}
				switch answer {
				case "hangs":
					select {
					case <-hang:
					case <-r.Context().Done():
					}
				case "hangs up":
					panic(http.ErrAbortHandler)
				default:
					if answer[:3] == "302" {
						w.Header().Set("Location", "/elsewhere")
					}
					w.WriteHeader(map[string]int{"200": 200, "302": 302, "400": 400, "403": 403, "500": 500}[answer[:3]])
					_, _ = io.WriteString(w, answer[4:])
				}
			}))
			t.Cleanup(service.Close)
			client := egress.New(egress.Options{Allow: egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}, Excerpt: captcha.AnswerBytes})
			t.Cleanup(client.Close)
			limit := 10 * time.Second
			if answer == "hangs" {
				limit = 50 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			ok, err := (&captcha.Siteverify{URL: service.URL, Secret: "s3cret", Client: client}).Verify(ctx, "a&b=好")
			got := map[bool]string{true: right, false: wrong}[ok]
			if err != nil {
				got = nobodyKnows
			}
			if got != want || err != nil && (ok || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "a&b")) {
				t.Errorf("%s, %t, %v; want %s", got, ok, err, want)
			}
		})
	}
}

// TestNeverInward: a service inside is dialled only where the operator named its network.
func TestNeverInward(t *testing.T) {
	t.Parallel()
	asked := false
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(service.Close)
	s := &captcha.Siteverify{URL: service.URL, Secret: "s3cret", Client: egress.New(egress.Options{})}
	if ok, err := s.Verify(t.Context(), "solved"); ok || !errors.Is(err, egress.ErrForbidden) || asked {
		t.Errorf("%t, %v", ok, err)
	}
}

// FuzzJudge: nothing is right but JSON that says success and nothing else, with 200.
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{`{"success":true}`, `{"success":false,"error-codes":["timeout-or-duplicate"]}`, `{"Success":true}`, `[]`, ``} {
		f.Add(200, []byte(seed))
		f.Add(500, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		right, err := captcha.Judge(status, text)
		if right && (err != nil || status != http.StatusOK || !strings.Contains(strings.ToLower(string(text)), "true")) {
			t.Errorf("%d %q is right: %v", status, text, err)
		}
	})
}
