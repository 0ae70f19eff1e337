package wordlist_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var moderator = portal.As(viewer.Moderator)

// replica is one program over a store, with its own filter.
type replica struct {
	*wordlist.Service
	words *contentcheck.Words
}

func newReplica(t *testing.T, s *storetest.Store, files ...string) replica {
	t.Helper()
	words := &contentcheck.Words{}
	service, err := wordlist.New(wordlist.Options{Store: s.Store, Audit: audit.New(s.Store), Words: words, Files: files})
	check.NoError(t, err)
	return replica{service, words}
}

// action returns what the filter of r decides about a text.
func (r replica) action(t *testing.T, text string) wordfilter.Action {
	t.Helper()
	found, err := r.words.Check(t.Context(), contentcheck.Subject{Text: text})
	check.NoError(t, err)
	return found.Action
}

// file writes a list into a file.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "words.txt")
	check.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// TestPut puts, replaces and removes lists, together with a list in a file, and checks that
// another replica follows with its next Load.
func TestPut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := t.Context()
		here, there := newReplica(t, s, file(t, "办证\thold\n")), newReplica(t, s)
		check.NoError(t, here.Load(ctx))
		check.NoError(t, there.Load(ctx))
		if got := here.action(t, "专业办证"); got != wordfilter.Hold {
			t.Errorf("a word of the file: %s", got)
		}

		list, err := here.Put(moderator, "ads", "加微信\tmask\r\n代开发票\treject\n")
		check.NoError(t, err)
		if list.Name != "ads" || list.Words != 2 || list.Text != "加微信\tmask\n代开发票\treject" {
			t.Errorf("%+v", list)
		}
		if got := here.action(t, "代开发票，请联系我"); got != wordfilter.Reject {
			t.Errorf("here at once: %s", got)
		}
		if got := there.action(t, "代开发票"); got != wordfilter.Pass {
			t.Errorf("on another replica, before it loads: %s", got)
		}
		check.NoError(t, there.Load(ctx))
		if got := there.action(t, "代开发票"); got != wordfilter.Reject {
			t.Errorf("on another replica: %s", got)
		}

		_, err = there.Put(moderator, "ads", "加微信\thold\n") // at the same instant of the clock
		check.NoError(t, err)
		_, err = there.Put(moderator, "rumours", "包治百病\thold\n")
		check.NoError(t, err)
		check.NoError(t, here.Load(ctx))
		for text, want := range map[string]wordfilter.Action{"代开发票": wordfilter.Pass, "加微信": wordfilter.Hold, "包治百病": wordfilter.Hold, "办证": wordfilter.Hold} {
			if got := here.action(t, text); got != want {
				t.Errorf("%s after the list was replaced: %s, want %s", text, got, want)
			}
		}

		lists, err := here.Lists(moderator)
		check.NoError(t, err)
		if len(lists) != 2 || lists[0].Name != "ads" || lists[0].Words != 1 || lists[1].Name != "rumours" {
			t.Errorf("%d lists", len(lists))
		}
		for _, text := range []string{"", " \n# 只有注释\n"} {
			removed, err := here.Put(moderator, "ads", text)
			check.NoError(t, err)
			if removed.Words != 0 || here.action(t, "加微信") != wordfilter.Pass {
				t.Errorf("removed with %q: %+v", text, removed)
			}
		}
		lists, err = here.Lists(moderator)
		check.NoError(t, err)
		if len(lists) != 1 {
			t.Errorf("%d lists are left", len(lists))
		}
		actions, err := s.Client(portal.System()).Audit.Query().Select("action").Strings(portal.System())
		check.NoError(t, err)
		if want := slices.Repeat([]string{"WORDS"}, 5); !slices.Equal(actions, want) {
			t.Errorf("the audit log has %v", actions)
		}
	})
}

// TestPutInput checks roles, names and texts. The engines must agree.
func TestPutInput(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		r := newReplica(t, s)
		for _, c := range []struct {
			about      string
			ctx        context.Context
			name, text string
			want       string
		}{
			{"no token", portal.Anonymous(""), "ads", "办证\n", "UNAUTHENTICATED"},
			{"an editor", portal.As(viewer.Editor), "ads", "办证\n", "FORBIDDEN"},
			{"no name", moderator, "", "办证\n", "name INVALID"},
			{"a name in Chinese", moderator, "广告", "办证\n", "name INVALID"},
			{"NUL in the name", moderator, "a\x00b", "办证\n", "name INVALID"},
			{"NUL", moderator, "ads", "办\x00证\n", "text INVALID"},
			{"an escape sequence", moderator, "ads", "\x1b[31m办证\n", "text INVALID"},
			{"a direction override", moderator, "ads", "办\u202e证\n", "text INVALID"},
			{"text that is not UTF-8", moderator, "ads", "\xff\n", "text INVALID"},
			{"an unknown action", moderator, "ads", "办证\tburn\n", "text INVALID"},
			{"everything wrong", moderator, "A B", "办证\tburn\n", "name INVALID, text INVALID"},
		} {
			if _, err := r.Put(c.ctx, c.name, c.text); check.Problems(err) != c.want {
				t.Errorf("%s: %v, want %s", c.about, err, c.want)
			}
		}
		if _, err := r.Put(moderator, "ads", strings.Repeat("长", 4<<20+1)); check.Problems(err) != "text TOO_LONG" {
			t.Errorf("a text of more than four million characters: %.200v", err)
		}
		for _, role := range []viewer.Role{viewer.Reader, viewer.Editor, viewer.Integrator} {
			if _, err := r.Lists(portal.As(role)); check.Problems(err) != "FORBIDDEN" {
				t.Errorf("%s lists the lists: %v", role, err)
			}
		}
		if lists, err := r.Lists(moderator); len(lists) != 0 || err != nil {
			t.Errorf("%d lists were stored, %v", len(lists), err)
		}
	})
}

// TestNewReadsFiles checks that an error names the file and the line.
func TestNewReadsFiles(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	for text, want := range map[string]string{"办证\thold\n代开发票\tburn\n": "2"} {
		name := file(t, text)
		_, err := wordlist.New(wordlist.Options{Store: s.Store, Audit: audit.New(s.Store), Words: &contentcheck.Words{}, Files: []string{name}})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing.txt")
	if _, err := wordlist.New(wordlist.Options{Store: s.Store, Words: &contentcheck.Words{}, Files: []string{missing}}); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestRun checks that Run loads at once and ends with its context.
func TestRun(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	writer, follower := newReplica(t, s), newReplica(t, s)
	_, err := writer.Put(moderator, "ads", "办证\thold\n")
	check.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- follower.Run(ctx, slog.New(slog.NewTextHandler(io.Discard, nil))) }()
	check.Eventually(t, "the list is loaded", func() bool { return follower.action(t, "办证") == wordfilter.Hold })
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}
