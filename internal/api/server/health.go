package server

import (
	"encoding/json"
	"net/http"
)

// healthz reports that the process is alive.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, `{"status":"ok"}`)
}

// readyz reports whether a load balancer should send requests here, and if not, why.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	status, reason := http.StatusOK, "ready"
	if s.draining.Load() {
		status, reason = http.StatusServiceUnavailable, "stopping"
	} else if err := s.ready.get(r.Context()); err != nil {
		status = http.StatusServiceUnavailable
		_, reason = Describe(err)
	}
	body, _ := json.Marshal(map[string]string{"status": reason}) // a string always marshals
	writeJSON(w, status, string(body))
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body + "\n")) // fails only if the client is gone
}
