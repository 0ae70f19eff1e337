package typeid_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

var begin = instant.Of(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))

// TestNewOrder checks that IDs sort in the order of their generation, for any number of
// them in a millisecond, and while the clock goes back a few seconds.
func TestNewOrder(t *testing.T) {
	t.Parallel()
	s := typeid.NewSource(nil)
	var ids []string
	for _, after := range []time.Duration{0, 0, time.Millisecond, -3 * time.Second, -2 * time.Second, time.Minute} {
		for range 10_000 {
			ids = append(ids, s.New(typeid.Article, begin.Add(after)))
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(ids) {
		t.Error("ids go backwards, or repeat")
	}
	last := ids[len(ids)-1]
	if last < typeid.First(typeid.Article, begin.Add(time.Minute)) || last >= typeid.First(typeid.Article, begin.Add(time.Minute+100*time.Millisecond)) {
		t.Errorf("%s is not of its time", last)
	}
}

// TestNewTwoClocks alternates between two clocks that do not move, a day apart.
func TestNewTwoClocks(t *testing.T) {
	t.Parallel()
	s := typeid.NewSource(nil)
	var here, there []string
	for range 1000 {
		here = append(here, s.New(typeid.Comment, begin))
		there = append(there, s.New(typeid.Comment, begin.Add(24*time.Hour)))
	}
	if !slices.IsSorted(here) || !slices.IsSorted(there) || here[999] > there[0] {
		t.Error("ids of one clock are not in order")
	}
}

// TestKindOf checks that every ID has its kind, and that anything else is refused.
func TestKindOf(t *testing.T) {
	t.Parallel()
	for _, kind := range typeid.Kinds() {
		id := typeid.New(kind, begin)
		if got, err := typeid.KindOf(id); got != kind || err != nil || !typeid.Is(kind, id) {
			t.Errorf("%s: %s, %v", id, got, err)
		}
		for _, bad := range []string{id[1:], id + "0", strings.ToUpper(id), strings.Replace(id, "_", "-", 1), string(kind) + "_8" + id[len(kind)+2:], string(kind) + "_u" + id[len(kind)+2:]} {
			if got, err := typeid.KindOf(bad); err == nil {
				t.Errorf("%q has the kind %s", bad, got)
			}
		}
	}
}

// TestDerive checks that derived IDs are well formed, sort by time, and depend on all that
// they are derived from.
func TestDerive(t *testing.T) {
	t.Parallel()
	const at = instant.Instant(1_700_000_000_000_000)
	id := typeid.Derive(typeid.Article, at, "article/1")
	if !typeid.Is(typeid.Article, id) || id != typeid.Derive(typeid.Article, at, "article/1") {
		t.Errorf("derived %s", id)
	}
	if id < typeid.First(typeid.Article, at) || id >= typeid.First(typeid.Article, at+1_000) {
		t.Errorf("%s does not sort by its time", id)
	}
	for _, other := range []string{typeid.Derive(typeid.Article, at, "article/2"), typeid.Derive(typeid.Comment, at, "article/1"), typeid.Derive(typeid.Article, at+1_000, "article/1")} {
		if strings.TrimPrefix(other, "cmt")[3:] == id[3:] {
			t.Errorf("%s is derived twice", other)
		}
	}
}
