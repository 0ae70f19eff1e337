package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestTimeoutExceptStreams gives every request a deadline, except the streams of the API.
func TestTimeoutExceptStreams(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, header, value string
		stream              bool
	}{
		{"plain", "X", "", false}, {"a WebSocket", "Upgrade", "websocket", true}, {"as browsers write it", "Upgrade", "WebSocket", true},
		{"another protocol", "Upgrade", "anything", false}, {"a list", "Upgrade", "h2c, websocket", false},
		{"events", "Accept", "text/event-stream", true},
	} {
		for _, api := range []bool{true, false} {
			deadline := false
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, deadline = r.Context().Deadline() })
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set(c.header, c.value)
			if api {
				exceptStreams(time.Hour, h).ServeHTTP(httptest.NewRecorder(), r)
			} else {
				withTimeout(time.Hour, h).ServeHTTP(httptest.NewRecorder(), r)
			}
			if want := !api || !c.stream; deadline != want {
				t.Errorf("%s: a deadline: %v, want %v", c.name, deadline, want)
			}
		}
	}
}
