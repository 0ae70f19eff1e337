package server

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// everyRequest is what happens around each request: it gets a name and an
// address, safe headers, a line in the log, and an answer even when it panics.
func (s *Server) everyRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.options.Clock()
		info := reqinfo.Info{ID: requestID(r), Address: clientAddress(r, s.options.TrustedProxies)}
		r = r.WithContext(reqinfo.With(r.Context(), info))
		s.safeHeaders(w.Header(), r)
		out := &response{ResponseWriter: w}
		defer func() {
			crash := recover()
			cut := crash != nil && !s.answerCrash(out, r, crash)
			s.account(r, out, s.options.Clock().Sub(start))
			if cut {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
		}()
		next.ServeHTTP(out, r)
	})
}

// safeHeaders is what every answer says, unless its handler knows better.
func (s *Server) safeHeaders(h http.Header, r *http.Request) {
	h.Set("X-Request-Id", reqinfo.From(r.Context()).ID)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if r.Header.Get("Authorization") != "" {
		h.Set("Cache-Control", "no-store")
	}
	if s.draining.Load() {
		h.Set("Connection", "close") // so that the client's next request goes to another server
	}
}

// answerCrash says that something went wrong, where nothing was said yet; else it
// reports that the answer has to be cut.
func (s *Server) answerCrash(out *response, r *http.Request, crash any) (answered bool) {
	if crash == http.ErrAbortHandler {
		return false
	}
	id := reqinfo.From(r.Context()).ID
	s.options.Logger.ErrorContext(r.Context(), "panic", "request", id, "panic", crash, "stack", string(debug.Stack()))
	if out.begun {
		return false
	}
	h := out.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Del("ETag")
	s.refuse(out, r, fault.New(fault.Internal, "something went wrong on our side; tell us the request id %s", id))
	return true
}

// account counts an answer and logs it.
func (s *Server) account(r *http.Request, out *response, took time.Duration) {
	if !out.begun {
		out.status = http.StatusOK // what net/http makes of it
	}
	s.options.Observe(r.Pattern, out.status, took)
	info := reqinfo.From(r.Context())
	s.options.Logger.LogAttrs(r.Context(), slog.LevelDebug, "request",
		slog.String("request", info.ID), slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.Int("status", out.status), slog.Int("bytes", out.bytes), slog.Duration("took", took),
		slog.String("from", redact.Address(info.Address.String())))
}

// textHeaders are the headers whose values reach the database.
var textHeaders = []string{"Authorization", "Last-Event-Id", "X-Tonggao-Receipt", terminalHeader}

// textOnly refuses a request whose path, query string or headers are not text: valid UTF-8
// without NUL. PostgreSQL cannot compare anything else, so no handler must see it.
func (s *Server) textOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fine := input.Raw(r.URL.Path)
		for name, values := range r.URL.Query() {
			fine = fine && input.Raw(name) && !slices.ContainsFunc(values, notRaw)
		}
		for _, name := range textHeaders {
			fine = fine && !slices.ContainsFunc(r.Header.Values(name), notRaw)
		}
		if !fine {
			s.refuse(w, r, fault.New(fault.BadUserInput, "the path, the query string and the headers must be UTF-8 without NUL; percent-encode text as UTF-8, not as GBK"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notRaw(value string) bool { return !input.Raw(value) }

// authenticated puts the viewer into the context, or refuses a token that is not
// good.
func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Authorization") // what a token sees is not what others see
		// Two headers are one that is not good: a proxy might have looked at the other.
		header := strings.Join(r.Header.Values("Authorization"), ", ")
		v, err := s.options.Authenticate(r.Context(), header)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if addr := reqinfo.From(r.Context()).Address; addr.IsValid() {
			v.Address = addr.String()
		}
		next.ServeHTTP(w, r.WithContext(viewer.With(r.Context(), v)))
	})
}

// terminalHeader names the terminal that a whole request is for.
const terminalHeader = "X-Tonggao-Terminal"

// forTerminal puts the terminal that the request names into the context.
func (s *Server) forTerminal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", terminalHeader)
		if name := strings.Join(r.Header.Values(terminalHeader), ", "); name != "" {
			t, err := terminal.Parse(name)
			if err != nil {
				s.refuse(w, r, fault.Wrap(err, fault.BadUserInput, "%s: %v", terminalHeader, err))
				return
			}
			r = r.WithContext(terminal.With(r.Context(), terminal.SetOf(t)))
		}
		next.ServeHTTP(w, r)
	})
}

// limited refuses an address that asks too often, for whatever: all paths count together.
func (s *Server) limited(next http.Handler) http.Handler {
	if s.sources == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := reqinfo.From(r.Context()).Address
		if wait := s.sources.Take(ratelimit.Network(from), s.options.Clock()); wait > 0 {
			s.refuse(w, r, &fault.Error{Code: fault.Limited, Retry: wait,
				Message: "too many requests from your address; wait as long as Retry-After says"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requestID is the id that a proxy gave the request, if it is a sane one, or a
// new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if len(id) == 0 || len(id) > 64 {
		return rand.Text()
	}
	for _, c := range id {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return rand.Text()
		}
	}
	return id
}
