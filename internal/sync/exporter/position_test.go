package exporter_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestResume cuts an archive in the middle of lines: a resumed export completes it. It cuts the first line of each type, and
// with more effort also others.
func TestResume(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		h := open(s)
		fill(t, h)
		whole := h.export(t)
		if n, err := h.exporter.Count(context.Background()); err != nil || n != strings.Count(whole, "\n") {
			t.Errorf("counted %d lines, %v", n, err)
		}
		end, before := 0, ""
		for l := range strings.Lines(whole) {
			kind, _, _ := archiveLine(t, l)
			half := len(l) / 2
			if kind != before || effort.N(1) > 1 && end%7 == 0 {
				h.resume(t, whole, end+half, end)
			}
			end, before = end+len(l), kind
		}
		h.resume(t, whole, end, end)
	})
}

// resume checks that an export continues after the first cut bytes of whole, whose last
// complete line ends at end.
func (h *portal) resume(t *testing.T, whole string, cut, end int) {
	t.Helper()
	after, at, err := exporter.Resume(strings.NewReader(whole[:cut]), int64(cut))
	if err != nil || int(at) != end {
		t.Fatalf("after %d bytes: continues at %d, want %d: %v", cut, at, end, err)
	}
	var rest strings.Builder
	if err := h.exporter.Export(context.Background(), &rest, after, func(int) {}); err != nil {
		t.Fatal(err)
	}
	if whole[:at]+rest.String() != whole {
		t.Fatalf("after %d bytes, %+v, the rest is another", cut, after)
	}
}

func TestResumeRejects(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a,b,c\n", "{}\n", `{"type":"Nothing","id":"x"}` + "\n", `{"type":"Article"}` + "\n"} {
		if _, _, err := exporter.Resume(strings.NewReader(text), int64(len(text))); err == nil || !strings.Contains(err.Error(), "--output") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if last, end, err := exporter.Resume(strings.NewReader(`{"type":"Si`), 11); err != nil || end != 0 || last != (exporter.Position{}) {
		t.Errorf("a file without a whole line: %+v %d %v", last, end, err)
	}
}

// FuzzResume checks that what is kept of any file ends with a line.
func FuzzResume(f *testing.F) {
	f.Add("{\"type\":\"Region\",\"id\":\"reg_1\"}\n{\"ty")
	f.Add("\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		last, end, err := exporter.Resume(strings.NewReader(text), int64(len(text)))
		if err == nil && (end < 0 || end > int64(len(text)) || end > 0 && text[end-1] != '\n' || (end == 0) != (last == exporter.Position{})) {
			t.Errorf("%+v, ends at %d", last, end)
		}
	})
}
