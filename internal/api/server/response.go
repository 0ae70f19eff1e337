package server

import "net/http"

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status, bytes int
	begun         bool
}

func (w *response) WriteHeader(status int) {
	if !w.begun && status >= http.StatusOK { // others are news on the way
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
