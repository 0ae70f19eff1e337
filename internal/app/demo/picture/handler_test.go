package picture_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tonggao/tonggao/internal/app/demo/picture"
)

func ask(t *testing.T, method, address, match string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if match != "" {
		request.Header.Set("If-None-Match", match)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

func TestHandler(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(picture.Handler())
	t.Cleanup(server.Close)
	address := server.URL + "/media/demo/lantern.png"

	response, body := ask(t, "GET", address, "")
	for name, want := range map[string]string{
		"Content-Type":           "image/png",
		"Cache-Control":          "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !bytes.Equal(body, draw(t, "lantern")) {
		t.Error("the picture served is not the picture drawn")
	}

	response, body = ask(t, "GET", address, response.Header.Get("ETag"))
	if response.StatusCode != http.StatusNotModified || len(body) != 0 {
		t.Errorf("with its own tag: status %d and %d bytes, want 304 and none", response.StatusCode, len(body))
	}
	response, body = ask(t, "HEAD", address, "")
	if response.StatusCode != http.StatusOK || response.ContentLength == 0 || len(body) != 0 {
		t.Errorf("HEAD: status %d, length %d, %d bytes", response.StatusCode, response.ContentLength, len(body))
	}
}

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(picture.Handler())
	t.Cleanup(server.Close)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/media/demo/lantern.png", 405},
		{"GET", "/media/demo/dragon.png", 404},
		{"GET", "/media/demo/lantern", 404},
		{"GET", "/media/demo/lantern.jpg", 404},
		{"GET", "/media/demo/", 404},
		{"GET", "/lantern.png", 404},
	} {
		response, _ := ask(t, c.method, server.URL+c.path, "")
		if response.StatusCode != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, response.StatusCode, c.status)
		}
		if response.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: sniffing is allowed", c.method, c.path)
		}
	}
}

func TestEveryPictureHasAPath(t *testing.T) {
	t.Parallel()
	handler := picture.Handler()
	for _, name := range picture.Names() {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest("GET", picture.Path(name), nil))
		if recorder.Code != http.StatusOK {
			t.Errorf("%s: status %d", picture.Path(name), recorder.Code)
		}
	}
}
