package importer_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/sync/importer"
)

var update = flag.Bool("update", false, "write the results into testdata")

// base is the archive that cases build on: categories, a publisher, an article with its
// comments, a report and views.
const base = `{"type":"Region","id":"reg_01h455vb4pex5vsknk084sn001","slug":"linlan","name":"临澜市","position":0,"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}
{"type":"Category","id":"cat_01h455vb4pex5vsknk084sn001","parent":null,"slug":"news","name":"行业新闻","position":0,"terminals":["WEB","WAP","MINI_PROGRAM","OFFICIAL_ACCOUNT","APP","FEED"],"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}
{"type":"Category","id":"cat_01h455vb4pex5vsknk084sn002","parent":"cat_01h455vb4pex5vsknk084sn001","slug":"industry","name":"行业动态","position":0,"terminals":["WEB"],"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}
{"type":"Publisher","id":"pub_01h455vb4pex5vsknk084sn001","name":"林小满的书桌","public":false,"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}
{"type":"Article","id":"art_01h455vb4pex5vsknk084sn001","status":"PUBLISHED","publishedAt":"2026-02-01T08:00:00+08:00","createdAt":"2026-02-01T08:00:00+08:00","updatedAt":"2026-02-01T08:00:00+08:00","version":3,"viewCount":12,"originAddress":"198.51.100.7","slug":"noodles","title":"一碗面","subtitle":null,"lead":null,"author":null,"sourceName":null,"sourceUrl":null,"cover":null,"tags":["助餐"],"aiGenerated":false,"sponsored":false,"commentsOpen":true,"terminals":["WEB"],"category":"cat_01h455vb4pex5vsknk084sn002","region":"reg_01h455vb4pex5vsknk084sn001","publisher":"pub_01h455vb4pex5vsknk084sn001","body":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"面一元二 < 八毛 & 两元。"}]}]}}
{"type":"Comment","id":"cmt_01h455vb4pex5vsknk084sn001","article":"art_01h455vb4pex5vsknk084sn001","parent":null,"author":"老葛","text":"好吃。","status":"APPROVED","reason":"没有问题","createdAt":"2026-02-02T08:00:00+08:00","updatedAt":"2026-02-02T08:00:00+08:00","originAddress":"203.0.113.5","token":"tok_01h455vb4pex5vsknk084sn001"}
{"type":"Comment","id":"cmt_01h455vb4pex5vsknk084sn002","article":"art_01h455vb4pex5vsknk084sn001","parent":"cmt_01h455vb4pex5vsknk084sn001","author":null,"text":"贵了。","status":"PENDING","createdAt":"2026-02-03T08:00:00+08:00","updatedAt":"2026-02-03T08:00:00+08:00"}
{"type":"Report","id":"rep_01h455vb4pex5vsknk084sn001","kind":"PRIVACY","status":"FILED","target":"cmt_01h455vb4pex5vsknk084sn002","statement":"写出了我家的楼号。","evidence":"{\"contact\":\"wo@example.com\"}","receipt":"R-0000-0000-0000-0001","reason":null,"filedAt":"2026-02-04T08:00:00+08:00","dueAt":"2026-02-09T23:59:59.999999+08:00","decidedAt":null,"version":1,"originAddress":"203.0.113.6"}
{"type":"Views","article":"art_01h455vb4pex5vsknk084sn001","day":20486,"views":12}
`

// baseLine returns the first line of base whose id has this prefix.
func baseLine(id string) string {
	for l := range strings.Lines(base) {
		if strings.Contains(l, `"id":"`+id) {
			return l
		}
	}
	panic("base has no " + id)
}

// TestArchives imports base and then the archive of each file in testdata/archive, and
// compares the result, the change feed, and the lines of the export that base did not have.
func TestArchives(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/archive/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			each(t, func(h *portal) { archiveCase(h, file) })
		})
	}
}

func archiveCase(h *portal, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		h.Fatal(err)
	}
	if r := h.ndjson(base); r.Created != 9 || len(r.Rejected) > 0 {
		h.Fatalf("the base: %s %v", r, r.Rejected)
	}
	before, noticed := h.export(), h.log()
	result := h.ndjson(string(a.Files[0].Data))
	var came strings.Builder
	_, _ = fmt.Fprintln(&came, result)
	for _, r := range result.Rejected {
		_, _ = fmt.Fprintln(&came, r)
	}
	got := txtar.Format(&txtar.Archive{Comment: a.Comment, Files: []txtar.File{
		a.Files[0], {Name: "result", Data: []byte(came.String())},
		{Name: "log", Data: []byte(strings.TrimPrefix(h.log(), noticed))},
		{Name: "new", Data: []byte(added(before, h.export()))},
	}})
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			h.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(a)), string(got)); diff != "" {
		h.Error(diff)
	}
}

// added returns the lines of after that before did not have.
func added(before, after string) string {
	var b strings.Builder
	for l := range strings.Lines(after) {
		if !strings.Contains(before, l) {
			b.WriteString(l)
		}
	}
	return b.String()
}

func TestNDJSONIsIdempotent(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		if diff := cmp.Diff(importer.Result{Created: 9}, h.ndjson(base)); diff != "" {
			h.Errorf("the first import: %s", diff)
		}
		before, noticed := h.export(), h.log()
		if diff := cmp.Diff(importer.Result{Unchanged: 9}, h.ndjson(base)); diff != "" {
			h.Errorf("the second import: %s", diff)
		}
		if h.export() != before || h.log() != noticed {
			h.Error("the second import changed something")
		}
		if n := h.only().CommentCount; n != 1 {
			h.Errorf("%d comments are public, want 1", n)
		}
	})
}

// TestChangeFeedIsPublic checks that the change feed, which integrators read, has no more
// about readers and publishers than the public sees.
func TestChangeFeedIsPublic(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.ndjson(base)
		log := h.log()
		for _, secret := range []string{"203.0.113.5", "198.51.100.7", "tok_", "没有问题", "林小满的", "wo@example.com"} {
			if strings.Contains(log, secret) {
				h.Errorf("the change feed has %s:\n%s", secret, log)
			}
		}
		for _, public := range []string{"行业动态", "临澜市", "好吃。", "一碗面"} {
			if !strings.Contains(log, public) {
				h.Errorf("the change feed does not have %s", public)
			}
		}
		if strings.Contains(log, "贵了。") {
			h.Error("the change feed has a comment that is not public")
		}
	})
}

// TestNDJSONInReverse imports an archive whose lines come before those that they refer to.
func TestNDJSONInReverse(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		lines := strings.SplitAfter(base, "\n")
		var b strings.Builder
		for i := len(lines) - 1; i >= 0; i-- {
			b.WriteString(lines[i])
		}
		result := h.ndjson(b.String())
		if result.Created != 9 || len(result.Rejected) > 0 {
			h.Errorf("%s %v", result, result.Rejected)
		}
		if n := h.only().CommentCount; n != 1 {
			h.Errorf("%d comments are public, want 1", n)
		}
	})
}

// TestNDJSONLongLine leaves out only the lines that are too long.
func TestNDJSONLongLine(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		long := `{"type":"Region","name":"` + strings.Repeat("长", 6<<20) + "\"}\n"
		result := h.ndjson(baseLine("reg_") + long + baseLine("pub_") + strings.TrimSuffix(long, "\n"))
		want := []importer.Rejection{{Name: "a.ndjson", Line: 2, Reason: "the line is longer than 16 MiB"},
			{Name: "a.ndjson", Line: 4, Reason: "the line is longer than 16 MiB"}}
		if diff := cmp.Diff(importer.Result{Created: 2, Rejected: want}, result); diff != "" {
			h.Error(diff)
		}
	})
}

// TestNDJSONBadLine has one bad line in a batch. On PostgreSQL it ends the transaction; the
// other lines are imported nevertheless.
func TestNDJSONBadLine(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		var b strings.Builder
		for i := range 450 {
			name := fmt.Sprintf("发布者%d", i)
			if i == 300 {
				name = strings.Repeat("长", 300)
			}
			_, _ = fmt.Fprintf(&b, `{"type":"Publisher","id":"pub_01h455vb4pex5vsknk084sn%03d","name":%q,"public":true,"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}`+"\n", i, name)
		}
		result := h.ndjson(b.String())
		want := []importer.Rejection{{Name: "a.ndjson", Line: 301, Reason: "name: has 300 characters; at most 50 fit"}}
		if diff := cmp.Diff(importer.Result{Created: 449, Rejected: want}, result); diff != "" {
			h.Error(diff)
		}
		if n := h.Client(system).Publisher.Query().CountX(system); n != 449 {
			h.Errorf("%d publishers are there, want 449", n)
		}
	})
}

// TestNDJSONWrongFormat ends the import of a file of another format early.
func TestNDJSONWrongFormat(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		var result importer.Result
		err := h.importer.NDJSON(context.Background(), "a.csv", strings.NewReader(strings.Repeat("a,b,c\n", 5000)), &result, func(int) {})
		if err == nil || !strings.Contains(err.Error(), "--format") {
			h.Errorf("got %v", err)
		}
	})
}

// TestNDJSONCancel interrupts an import: whole batches are written, and it can be repeated.
func TestNDJSONCancel(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		var b bytes.Buffer
		for i := range 600 {
			_, _ = fmt.Fprintf(&b, `{"type":"Publisher","id":"pub_01h455vb4pex5vsknk084sn%03d","name":"发布者","public":true,"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}`+"\n", i)
		}
		archive := b.String()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var result importer.Result
		err := h.importer.NDJSON(ctx, "a.ndjson", &b, &result, func(int) { cancel() })
		if !errors.Is(err, context.Canceled) {
			h.Errorf("got %v", err)
		}
		if n := h.Client(system).Publisher.Query().CountX(system); n != 200 || result.Created != 200 {
			h.Errorf("%d publishers are there and %d were counted, want one batch of 200", n, result.Created)
		}
		if diff := cmp.Diff(importer.Result{Created: 400, Unchanged: 200}, h.ndjson(archive)); diff != "" {
			h.Errorf("the repeated import: %s", diff)
		}
	})
}
