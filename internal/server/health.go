package server

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// readiness remembers for a moment whether the database answers and is sound,
// because looking costs more than asking does.
type readiness struct {
	check func(context.Context) error
	clock func() time.Time

	mu   sync.Mutex
	at   time.Time
	last error
}

const readinessAge = 2 * time.Second

func (r *readiness) ask(ctx context.Context) error {
	if r.check == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.clock(); r.at.IsZero() || now.Sub(r.at) >= readinessAge {
		r.last = r.check(context.WithoutCancel(ctx)) // one caller's hurry is not the database's fault
		r.at = now
	}
	return r.last
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, `{"status":"ok"}`)
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		writeJSON(w, http.StatusServiceUnavailable, `{"status":"stopping"}`)
		return
	}
	if err := s.ready.ask(r.Context()); err != nil {
		s.options.Logger.ErrorContext(r.Context(), "not ready", "error", err)
		writeJSON(w, http.StatusServiceUnavailable, `{"status":"the database does not answer or is damaged; see the log"}`)
		return
	}
	writeJSON(w, http.StatusOK, `{"status":"ready"}`)
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body + "\n"))
}
