package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Timeouts bound the time of one request, against slow clients (slowloris) and against
// responses that take too long. A zero field has its default.
type Timeouts struct {
	Header time.Duration // until the header of a request is read; 5 s
	Read   time.Duration // until the whole request is read; 15 s
	Answer time.Duration // until the work on a response is cancelled; 20 s
	Upload time.Duration // until an upload is read and checked; 60 s, the time that phones wait
	Write  time.Duration // until the client has read the response; 30 s
	Idle   time.Duration // between two requests of a connection; 2 min
	Ready  time.Duration // for the readiness check; 2 s
	Stop   time.Duration // for the requests that run at a graceful shutdown; 15 s
}

func (t Timeouts) withDefaults() Timeouts {
	return Timeouts{
		Header: cmp.Or(t.Header, 5*time.Second),
		Read:   cmp.Or(t.Read, 15*time.Second),
		Answer: cmp.Or(t.Answer, 20*time.Second),
		Upload: cmp.Or(t.Upload, 60*time.Second),
		Write:  cmp.Or(t.Write, 30*time.Second),
		Idle:   cmp.Or(t.Idle, 2*time.Minute),
		Ready:  cmp.Or(t.Ready, 2*time.Second),
		Stop:   cmp.Or(t.Stop, 15*time.Second),
	}
}

// withUploadTimeouts gives a request the time of an upload, and its response the write timeout
// of others.
func (s *Server) withUploadTimeouts(next http.Handler) http.Handler {
	if next == nil {
		return nil
	}
	t := s.options.Timeouts
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end, connection := time.Now().Add(t.Upload), http.NewResponseController(w)
		if err := errors.Join(connection.SetReadDeadline(end), connection.SetWriteDeadline(end.Add(t.Write))); err != nil {
			s.writeError(w, r, fmt.Errorf("set the deadlines of an upload: %w", err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withTimeout cancels the work on a response while there is still time to report it.
func withTimeout(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// exceptStreams applies limit like withTimeout, except to streams, whose handler has timeouts
// of its own.
func exceptStreams(limit time.Duration, next http.Handler) http.Handler {
	limited := withTimeout(limit, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isStream(r) {
			next.ServeHTTP(w, r)
			return
		}
		limited.ServeHTTP(w, r)
	})
}

// isStream reports whether the client asks for a WebSocket or server-sent events.
func isStream(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/event-stream")
}
