package server

import "net/http"

// response records the status and size of a response.
type response struct {
	http.ResponseWriter
	status, bytes int
	started       bool
}

func (w *response) WriteHeader(status int) {
	if !w.started && status >= http.StatusOK { // 1xx are informational
		w.status, w.started = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if !w.started {
		w.status, w.started = http.StatusOK, true
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
