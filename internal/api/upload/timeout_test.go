package upload_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/api/upload"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestUploadTimeout sends the beginning of a picture and then nothing: the server answers after
// the timeout of uploads, not after that of other requests, and closes the connection.
func TestUploadTimeout(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	pictures := media.New(media.Options{Store: s.Store, Audit: audit.New(s.Store), Files: disk.New(t.TempDir()), Limits: media.Limits{Bytes: 1 << 20, Pixels: 1 << 20}})
	sockets, err := server.Listen("127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan string, 1)
	run := server.New(sockets, server.Options{
		Upload: upload.Upload(upload.Options{Pictures: pictures, Observe: func(code string, _ int64) { refused <- code }}),
		Authenticate: func(context.Context, string) (viewer.Viewer, error) {
			return viewer.Viewer{Role: viewer.Editor}, nil
		},
		Logger:   slog.New(slog.DiscardHandler),
		Timeouts: server.Timeouts{Read: time.Millisecond, Upload: 300 * time.Millisecond},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	c, err := net.Dial("tcp", sockets.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = fmt.Fprintf(c, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nGIF89a")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	if code := <-refused; resp.StatusCode != http.StatusBadRequest || code != "BAD_USER_INPUT" || !resp.Close {
		t.Errorf("%d %s %s", resp.StatusCode, code, text)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the server left the connection open: %v", err)
	}
}
