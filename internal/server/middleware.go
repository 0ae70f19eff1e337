package server

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/mask"
	"github.com/tonggao/tonggao/internal/request"
	"github.com/tonggao/tonggao/internal/viewer"
)

// everyRequest is what happens around each request: it gets a name and an
// address, safe headers, a line in the log, and an answer even when it panics.
func (s *Server) everyRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.options.Clock()
		id := requestID(r)
		addr := clientAddress(r, s.options.TrustedProxies)
		ctx := request.With(r.Context(), request.Info{ID: id, Address: addr})
		r = r.WithContext(ctx)
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Header.Get("Authorization") != "" {
			h.Set("Cache-Control", "no-store")
		}
		out := &response{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.options.Logger.ErrorContext(ctx, "panic", "request", id, "panic", p, "stack", string(debug.Stack()))
				if !out.begun {
					writeFault(out, r, fault.New(fault.Internal, "something went wrong on our side; tell us the request id %s", id))
				}
			}
			took := s.options.Clock().Sub(start)
			s.options.Observe(r.Pattern, out.status, took)
			s.options.Logger.LogAttrs(ctx, slog.LevelDebug, "request",
				slog.String("request", id), slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.Int("status", out.status), slog.Int("bytes", out.bytes), slog.Duration("took", took),
				slog.String("from", mask.Address(addr.String())))
		}()
		next.ServeHTTP(out, r)
	})
}

// authenticated puts the viewer into the context, or refuses a token that is not
// good.
func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.options.Authenticate(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			writeFault(w, r, err)
			return
		}
		if addr := request.From(r.Context()).Address; addr.IsValid() {
			v.Address = addr.String()
		}
		next.ServeHTTP(w, r.WithContext(viewer.With(r.Context(), v)))
	})
}

// limited refuses an address that asks too often.
func (s *Server) limited(next http.Handler) http.Handler {
	if s.options.RateLimit == 0 {
		return next
	}
	l := newLimiter(s.options.RateLimit)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := request.From(r.Context()).Address
		if wait := l.take(bucketOf(from), s.options.Clock()); wait > 0 {
			writeFault(w, r, &fault.Error{Code: fault.Limited, Retry: wait,
				Message: "too many requests from your address; wait as long as Retry-After says"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// statuses is the HTTP status of faults that come before GraphQL.
var statuses = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.BadUserInput:    http.StatusBadRequest,
}

// writeFault answers in the form of a GraphQL error, which is what clients of the
// API read.
func writeFault(w http.ResponseWriter, r *http.Request, err error) {
	code, message := fault.CodeOf(err), "something went wrong on our side"
	var f *fault.Error
	if errors.As(err, &f) {
		message = f.Message
	}
	status, ok := statuses[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	extensions := map[string]any{"code": code, "requestId": request.From(r.Context()).ID}
	if f != nil && f.Retry > 0 {
		seconds := int(math.Ceil(f.Retry.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		extensions["retryAfter"] = seconds
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tonggao"`)
	}
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
	writeJSON(w, status, string(body))
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

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status, bytes int
	begun         bool
}

func (w *response) WriteHeader(status int) {
	if !w.begun {
		w.status, w.begun = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if !w.begun {
		w.status, w.begun = http.StatusOK, true
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
