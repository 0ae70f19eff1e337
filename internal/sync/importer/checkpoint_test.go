package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/sync/importer"
)

// long returns base and n comments, of which some come before their parent.
func long(n int) string {
	var b strings.Builder
	b.WriteString(base)
	comment := baseLine(baseComment)
	for i := range n {
		id := fmt.Sprintf("cmt_01h455vb4pex5vsknk084sr%03d", i)
		l := strings.Replace(comment, baseComment, id, 1)
		if i%97 == 50 {
			l = strings.Replace(l, `"parent":null`, fmt.Sprintf(`"parent":"cmt_01h455vb4pex5vsknk084sr%03d"`, min(i+300, n-1)), 1)
		}
		b.WriteString(l)
	}
	return b.String()
}

// dying fails after some bytes.
type dying struct {
	io.Reader
	left int
}

var errDied = errors.New("the disk went away")

func (d *dying) Read(b []byte) (int, error) {
	if d.left <= 0 {
		return 0, errDied
	}
	n, err := d.Reader.Read(b[:min(len(b), d.left)])
	d.left -= n
	return n, err
}

// TestResume interrupts and resumes an import at several points, from a file and from a
// pipe: the result is that of an uninterrupted one.
func TestResume(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		archive := long(500)
		lines := strings.Count(archive, "\n")
		for _, pipe := range []bool{false, true} {
			for end := 1000; end < len(archive); end += len(archive) / 3 {
				var first, second importer.Result
				h.importer.Resume = true
				err := h.importer.NDJSON(context.Background(), "a", &dying{strings.NewReader(archive), end}, &first, func(int) {})
				if !errors.Is(err, errDied) {
					h.Fatalf("got %v", err)
				}
				var rest io.Reader = strings.NewReader(archive)
				if pipe {
					rest = io.MultiReader(rest)
				}
				if err := h.importer.NDJSON(context.Background(), "a", rest, &second, func(int) {}); err != nil {
					h.Fatal(err)
				}
				if n := second.Resumed + second.Created + second.Unchanged; n != lines || len(second.Rejected) > 0 {
					h.Errorf("after %d bytes: %s %v, want %d lines", end, second, second.Rejected, lines)
				}
			}
		}
		if n := h.Client(system).Comment.Query().CountX(system); n != 502 || h.only().CommentCount != 501 {
			h.Errorf("%d comments are there, and %d are counted", n, h.only().CommentCount)
		}
		if diff := cmp.Diff(importer.Result{Unchanged: lines}, h.ndjson(archive)); diff != "" {
			h.Errorf("a checkpoint is left: %s", diff)
		}
	})
}

// TestResumeSkips checks that written lines are not read again.
func TestResumeSkips(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		archive := base + strings.Repeat("\n", 5000) + strings.Repeat(baseLine("pub_"), 1000)
		var first, second importer.Result
		ctx, cancel := context.WithCancel(context.Background())
		err := h.importer.NDJSON(ctx, "a", strings.NewReader(archive), &first, func(n int) {
			if n > 5500 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			h.Fatalf("got %v", err)
		}
		h.importer.Resume = true
		if err := h.importer.NDJSON(context.Background(), "a", strings.NewReader(archive), &second, func(int) {}); err != nil {
			h.Fatal(err)
		}
		if second.Resumed < 5500 || second.Unchanged > 500 {
			h.Errorf("first %s, then %s", first, second)
		}
	})
}

// TestResumeRejects resumes with another archive that has the same beginning.
func TestResumeRejects(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		archive := base + strings.Repeat(baseLine("pub_"), 1000)
		var result importer.Result
		err := h.importer.NDJSON(context.Background(), "a", &dying{strings.NewReader(archive), len(archive) - 10}, &result, func(int) {})
		if !errors.Is(err, errDied) {
			h.Fatalf("got %v", err)
		}
		h.importer.Resume = true
		for _, other := range []string{base + strings.Repeat(baseLine("pub_"), 30) + strings.Repeat(baseLine("reg_"), 1000), archive[:len(base)+5000]} {
			err = h.importer.NDJSON(context.Background(), "b", strings.NewReader(other), &result, func(int) {})
			if err == nil || !strings.Contains(err.Error(), "without --resume") {
				h.Errorf("got %v", err)
			}
		}
	})
}
