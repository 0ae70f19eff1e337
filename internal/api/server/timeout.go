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

// Timeouts bound what one request may take, against clients that send or read
// slowly and against answers that take too long. A zero field has its default.
type Timeouts struct {
	Header time.Duration // until the header of a request has come; 5 s
	Read   time.Duration // until all of a request has come; 15 s
	Answer time.Duration // until the API gives up on an answer; 20 s
	Upload time.Duration // until all of an upload has come and was looked at; 60 s, as long as phones wait
	Write  time.Duration // until the client has taken the answer; 30 s
	Idle   time.Duration // that a connection is kept between requests; 2 min
	Ready  time.Duration // that readiness waits for the database; 2 s
	Stop   time.Duration // that a stop waits for what is under way; 15 s
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

// patient gives a request the time of an upload to come in, and its answer as long
// to go out as others have.
func (s *Server) patient(next http.Handler) http.Handler {
	if next == nil {
		return nil
	}
	t := s.options.Timeouts
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end, connection := time.Now().Add(t.Upload), http.NewResponseController(w)
		if err := errors.Join(connection.SetReadDeadline(end), connection.SetWriteDeadline(end.Add(t.Write))); err != nil {
			s.refuse(w, r, fmt.Errorf("give an upload its time: %w", err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// within ends the work on an answer while there is still time to say so. A
// stream has no end; its handler bounds what else it answers.
func within(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isStream(r) {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// isStream reports whether a client takes a stream for an answer.
func isStream(r *http.Request) bool {
	return r.Header.Get("Upgrade") != "" || strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/event-stream")
}
