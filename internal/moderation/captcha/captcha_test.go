package captcha_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// verifier is a service that always responds the same.
type verifier struct {
	right bool
	err   error
}

func (s verifier) Verify(context.Context, string) (bool, error) { return s.right, s.err }

// TestCheck checks who needs a solution, and what each response of the service leads to.
func TestCheck(t *testing.T) {
	t.Parallel()
	never := func() (bool, error) { return false, nil }
	done := func() (bool, error) { return true, nil }
	calls := 0
	concurrent := func() (bool, error) { calls++; return calls > 1, nil }
	solved := "solved"
	empty, long := "", strings.Repeat("x", 9<<10)
	for _, c := range []struct {
		name     string
		service  verifier
		solution *string
		written  func() (bool, error)
		role     viewer.Role
		unsure   bool
		wrong    string
	}{
		{"a person", verifier{true, nil}, &solved, never, viewer.Anonymous, false, ""},
		{"a program", verifier{false, nil}, &solved, never, viewer.Anonymous, false, "NOT_ALLOWED"},
		{"no solution", verifier{true, nil}, nil, never, viewer.Anonymous, false, "REQUIRED"},
		{"nothing", verifier{true, nil}, &empty, never, viewer.Anonymous, false, "REQUIRED"},
		{"far too long", verifier{true, nil}, &long, never, viewer.Anonymous, false, "TOO_LONG"},
		{"the service fails", verifier{false, errors.New("broken")}, &solved, never, viewer.Anonymous, true, ""},
		{"the service fails, no solution", verifier{false, errors.New("broken")}, nil, never, viewer.Anonymous, false, "REQUIRED"},
		{"sent again", verifier{false, nil}, &solved, done, viewer.Anonymous, false, ""},
		{"written by a concurrent request", verifier{false, nil}, &solved, concurrent, viewer.Anonymous, false, ""},
		{"a reader's token", verifier{false, nil}, nil, never, viewer.Reader, false, ""},
		{"a moderator", verifier{false, nil}, nil, never, viewer.Moderator, false, ""},
	} {
		ctx := viewer.With(t.Context(), viewer.Viewer{Role: c.role, TokenID: "tok_1"})
		var bad fault.Invalid
		unsure, err := captcha.New(c.service, time.Minute, silent).Check(ctx, c.solution, c.written, &bad)
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
	if unsure, err := none.Check(t.Context(), nil, never, &bad); unsure || err != nil || len(bad) > 0 {
		t.Errorf("without a captcha: %t, %v, %v", unsure, err, bad)
	}
}

// TestSiteverify lists responses of services, good and bad.
func TestSiteverify(t *testing.T) {
	t.Parallel()
	const right, wrong, undecided = "right", "wrong", "undecided"
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
		`400 {"success":true}`:                                         undecided,
		`200 {"success":true,"error-codes":["bad-request"]}`:           undecided,
		`200 {"success":false,"error-codes":["invalid-input-secret"]}`: undecided,
		`200 {"success":false,"error-codes":["internal-error"]}`:       undecided,
		`200 {"success":"true"}`:                                       undecided,
		`200 {"success":1}`:                                            undecided,
		`200 {"success":null}`:                                         undecided,
		`200 {}`:                                                       undecided,
		`200 []`:                                                       undecided,
		`200 true`:                                                     undecided,
		`200 `:                                                         undecided,
		`200 <html>ok</html>`:                                          undecided,
		`200 {"success":true} and more`:                                undecided,
		`200 {"success":true` + strings.Repeat(" ", 1<<20) + `}`: undecided,
		`302 {"success":true}`:  undecided,
		`403 {"success":false}`: undecided,
		`500 {"success":true}`:  undecided,
		`hangs`:                 undecided,
		`closes`:                undecided,
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
				case "closes":
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
			client := egress.New(egress.Options{Trusted: true, Excerpt: captcha.AnswerBytes})
			t.Cleanup(client.Close)
			limit := time.Minute
			if answer == "hangs" {
				limit = 50 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			ok, err := (&captcha.Siteverify{URL: service.URL, Secret: "s3cret", Client: client}).Verify(ctx, "a&b=好")
			got := map[bool]string{true: right, false: wrong}[ok]
			if err != nil {
				got = undecided
			}
			if got != want || err != nil && (ok || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "a&b")) {
				t.Errorf("%s, %t, %v; want %s", got, ok, err, want)
			}
		})
	}
}

// TestSiteverifyRefusesPrivateNetworks checks the protection against SSRF: a service in a
// private network is dialled only where the operator named the network.
func TestSiteverifyRefusesPrivateNetworks(t *testing.T) {
	t.Parallel()
	asked := false
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(service.Close)
	s := &captcha.Siteverify{URL: service.URL, Secret: "s3cret", Client: egress.New(egress.Options{})}
	if ok, err := s.Verify(t.Context(), "solved"); ok || !errors.Is(err, egress.ErrForbidden) || asked {
		t.Errorf("%t, %v", ok, err)
	}
}

// FuzzDecode checks that only JSON with success, and the status 200, accepts a solution.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"success":true}`, `{"success":false,"error-codes":["timeout-or-duplicate"]}`, `{"Success":true}`, `[]`, ``} {
		f.Add(200, []byte(seed))
		f.Add(500, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		right, err := captcha.Decode(status, text)
		if right && (err != nil || status != http.StatusOK || !strings.Contains(strings.ToLower(string(text)), "true")) {
			t.Errorf("%d %q is right: %v", status, text, err)
		}
	})
}
