package s3_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/media/s3"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// storage imitates an S3 server: one bucket, with as much of the protocol as reading,
// writing and deleting whole objects takes. It checks who asks, not the signature.
type storage struct {
	mu      sync.Mutex
	objects map[string][]byte
	full    bool
}

func (s *storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, in := strings.CutPrefix(r.URL.Path, "/pictures/")
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "Credential=key/"):
		refuse(w, http.StatusForbidden, "AccessDenied")
	case r.URL.Query().Has("location"):
		_, _ = io.WriteString(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>`)
	case !in || r.URL.Path == "/pictures/" && r.Method != http.MethodHead:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case name == "":
		w.WriteHeader(http.StatusOK)
	case r.Method == http.MethodPut && s.full:
		refuse(w, http.StatusInsufficientStorage, "XMinioStorageFull")
	case r.Method == http.MethodPut:
		s.objects[name] = content(r)
		w.Header().Set("ETag", tag(s.objects[name]))
	case r.Method == http.MethodDelete:
		delete(s.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case s.objects[name] == nil:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", tag(s.objects[name]))
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(s.objects[name]))
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func tag(data []byte) string {
	sum := md5.Sum(data)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// content is the body of a request; over plain HTTP it comes in signed pieces.
func content(r *http.Request) []byte {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		data, _ := io.ReadAll(r.Body)
		return data
	}
	var all []byte
	for in := bufio.NewReader(r.Body); ; {
		line, err := in.ReadString('\n')
		size, _, _ := strings.Cut(line, ";")
		n, _ := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return all
		}
		piece := make([]byte, n)
		_, _ = io.ReadFull(in, piece)
		all = append(all, piece...)
		_, _ = in.Discard(2)
	}
}

func serve(t *testing.T) (*storage, s3.Options) {
	s := &storage{objects: map[string][]byte{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, s3.Options{Endpoint: server.URL, Bucket: "pictures", AccessKey: "key", SecretKey: "secret"}
}

const name = "0123456789abcdef0123456789abcdef01234567/320.jpg"

// TestBucket puts a file in, reads it whole and in part, and takes it out.
func TestBucket(t *testing.T) {
	t.Parallel()
	s, o := serve(t)
	b, err := s3.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, data := context.Background(), bytes.Repeat([]byte("picture "), 100_000)
	if err := b.Check(ctx); err != nil {
		t.Error(err)
	}
	if _, err := b.Open(ctx, name); !fault.Is(err, fault.NotFound) {
		t.Errorf("before: %v", err)
	}
	if err := b.Put(ctx, name, "image/jpeg", data); err != nil {
		t.Fatal(err)
	}
	f, err := b.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(8, io.SeekStart); err != nil {
		t.Error(err)
	}
	rest, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(rest, data[8:]) {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Remove(ctx, []string{name, name}); err != nil || len(s.objects) != 0 {
		t.Errorf("%v, %d left", err, len(s.objects))
	}
}

// TestTrouble asserts that storage errors are the operator's to fix,
// and that no client hears the key.
func TestTrouble(t *testing.T) {
	t.Parallel()
	s, o := serve(t)
	s.full = true
	for what, o := range map[string]s3.Options{
		"full":           o,
		"another's key":  {Endpoint: o.Endpoint, Bucket: o.Bucket, AccessKey: "other", SecretKey: "secret"},
		"another bucket": {Endpoint: o.Endpoint, Bucket: "other", AccessKey: "key", SecretKey: "secret"},
		"no server":      {Endpoint: "http://127.0.0.1:1", Bucket: o.Bucket, AccessKey: "key", SecretKey: "secret"},
	} {
		b, err := s3.New(o)
		if err != nil {
			t.Fatal(err)
		}
		err = b.Put(context.Background(), name, "image/jpeg", []byte("x"))
		if !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestProgram uploads to a running program that stores pictures in a bucket, and reads
// the file back through it.
func TestProgram(t *testing.T) {
	t.Parallel()
	s, o := serve(t)
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) {
		c.MediaS3 = config.S3{Endpoint: o.Endpoint, Bucket: o.Bucket, AccessKey: o.AccessKey, SecretKey: o.SecretKey}
	})
	r, err := http.NewRequest(http.MethodPost, p.URL+"/upload", bytes.NewReader(imagegen.JPEG(700, 500)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.Token(viewer.Editor, ""))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(s.objects) != 3 || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d: %d objects", resp.StatusCode, len(s.objects))
	}
	for name, data := range s.objects {
		resp, err := http.Get(p.URL + "/media/" + name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !bytes.Equal(got, data) || resp.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}
