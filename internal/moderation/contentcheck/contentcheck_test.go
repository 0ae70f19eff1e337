package contentcheck_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// stub is a checker that calls a function.
type stub struct {
	name string
	look func(context.Context) (contentcheck.Finding, error)
}

func (e stub) Name() string { return e.name }

func (e stub) Check(ctx context.Context, _ contentcheck.Subject) (contentcheck.Finding, error) {
	return e.look(ctx)
}

// finds returns a check that always has the same finding.
func finds(a wordfilter.Action) func(context.Context) (contentcheck.Finding, error) {
	return func(context.Context) (contentcheck.Finding, error) {
		return contentcheck.Finding{Action: a, Reason: "so"}, nil
	}
}

// TestPipelineHoldsOnFailure checks that any failure of a checker yields at least Hold,
// within the timeout.
func TestPipelineHoldsOnFailure(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	for name, c := range map[string]struct {
		look func(context.Context) (contentcheck.Finding, error)
		want wordfilter.Action
	}{
		"passes":  {finds(wordfilter.Pass), wordfilter.Pass},
		"holds":   {finds(wordfilter.Hold), wordfilter.Hold},
		"rejects": {finds(wordfilter.Reject), wordfilter.Reject},
		"fails": {func(context.Context) (contentcheck.Finding, error) {
			return contentcheck.Finding{}, errors.New("broken")
		}, wordfilter.Hold},
		"panics": {func(context.Context) (contentcheck.Finding, error) { panic("broken") }, wordfilter.Hold},
		"hangs":  {func(context.Context) (contentcheck.Finding, error) { <-never; return contentcheck.Finding{}, nil }, wordfilter.Hold},
		"obeys": {func(ctx context.Context) (contentcheck.Finding, error) {
			<-ctx.Done()
			return contentcheck.Finding{}, ctx.Err()
		}, wordfilter.Hold},
	} {
		timeout := time.Minute
		if name == "hangs" || name == "obeys" {
			timeout = 50 * time.Millisecond
		}
		s := contentcheck.New(timeout, silent, stub{"first", finds(wordfilter.Pass)}, stub{"second", c.look})
		if got := s.Check(t.Context(), contentcheck.Subject{Text: "好"}); got.Action != c.want || (got.Reason == "") != (c.want == wordfilter.Pass) {
			t.Errorf("one that %s: %+v", name, got)
		}
	}
	var none *contentcheck.Pipeline
	if got := none.Check(t.Context(), contentcheck.Subject{Text: "好"}); got.Action != wordfilter.Pass || got.Masked != "好" {
		t.Errorf("no checkers: %+v", got)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	list, err := wordfilter.Parse(strings.NewReader("加微信\tmask\n办证\thold\n赌博\treject\n"))
	if err != nil {
		t.Fatal(err)
	}
	words := &contentcheck.Words{}
	s := contentcheck.New(time.Minute, silent, words)
	check := func(text, author string) string {
		got := s.Check(t.Context(), contentcheck.Subject{Text: text, Author: author})
		return fmt.Sprintf("%s %s %s", got.Action, got.Masked, got.Reason)
	}
	if got := check("请加微信", ""); got != "pass 请加微信 " {
		t.Errorf("without a list: %s", got)
	}
	words.Replace(wordfilter.Compile(list))
	for _, c := range [][3]string{
		{"说得好。", "路人", "pass 说得好。 "},
		{"请加 微信", "", "mask 请**** words: 加微信"},
		{"专业办证", "", "hold 专业办证 words: 办证"},
		{"加微信，赌 博", "办证", "reject ***，赌 博 words: 办证 加微信 赌博"},
		{"你好", "加微信", "hold 你好 words: 加微信"},
	} {
		if got := check(c[0], c[1]); got != c[2] {
			t.Errorf("%q by %q: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestHook(t *testing.T) {
	t.Parallel()
	var answer atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]string
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in["text"] != "<你好>" || in["author"] != "路人" || in["article"] != "art_1" {
			t.Errorf("asked %v, %v", in, err)
		}
		if answer.Load() == "500" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, answer.Load().(string))
	}))
	t.Cleanup(server.Close)
	s := contentcheck.New(time.Minute, silent, &contentcheck.Hook{URL: server.URL, Client: server.Client()})
	for given, want := range map[string]wordfilter.Action{
		`{"action":"pass"}`:              wordfilter.Pass,
		`{"action":"hold","why":"广告"}`:   wordfilter.Hold,
		`{"action":"reject","why":"广告"}`: wordfilter.Reject,
		`{"action":"mask"}`:              wordfilter.Hold,
		`{}`:                             wordfilter.Hold,
		`yes`:                            wordfilter.Hold,
		``:                               wordfilter.Hold,
		`500`:                            wordfilter.Hold,
		`{"action":"pass"` + strings.Repeat(" ", 1<<20) + `}`: wordfilter.Hold,
	} {
		answer.Store(given)
		if got := s.Check(t.Context(), contentcheck.Subject{Text: "<你好>", Author: "路人", Article: "art_1"}); got.Action != want {
			t.Errorf("%.40s: %+v", given, got)
		}
	}
}

// weixin behaves like WeChat's servers, as documented.
type weixin struct {
	tokens, checks atomic.Int64
	suggest        string
}

func (x *weixin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := func(a any) { _ = json.NewEncoder(w).Encode(a) }
	refuse := func(code int) { answer(map[string]any{"errcode": code, "errmsg": "refused"}) }
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	switch r.URL.Path {
	case "/cgi-bin/stable_token":
		if in["appid"] != "wx1" || in["secret"] != "s3cret" || in["grant_type"] != "client_credential" {
			refuse(40125)
			return
		}
		answer(map[string]any{"access_token": fmt.Sprint("T", x.tokens.Add(1)), "expires_in": 7200})
	case "/sns/jscode2session":
		q := r.URL.Query()
		switch {
		case r.Method != http.MethodGet || q.Get("appid") != "wx1" || q.Get("secret") != "s3cret" || q.Get("grant_type") != "authorization_code":
			refuse(40125)
		case q.Get("js_code") != "good":
			refuse(40029)
		default:
			answer(map[string]any{"openid": "o1", "session_key": "k"})
		}
	case "/wxa/msg_sec_check":
		switch {
		case r.URL.Query().Get("access_token") != fmt.Sprint("T", x.tokens.Load()):
			refuse(40001)
		case in["openid"] != "o1" || in["version"] != 2.0 || in["scene"] != 2.0 || in["content"] == "":
			refuse(40003)
		default:
			x.checks.Add(1)
			answer(map[string]any{"errcode": 0, "errmsg": "ok", "trace_id": "t", "result": map[string]any{"suggest": x.suggest, "label": 20001}})
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestWeChat(t *testing.T) {
	t.Parallel()
	x := &weixin{}
	server := httptest.NewServer(x)
	t.Cleanup(server.Close)
	now := time.Unix(1_700_000_000, 0)
	w := &contentcheck.WeChat{AppID: "wx1", Secret: "s3cret", Base: server.URL, Client: server.Client(), Clock: func() time.Time { return now }}
	s := contentcheck.New(time.Minute, silent, w)
	for _, c := range []struct {
		code, suggest string
		want          wordfilter.Action
	}{
		{"", "risky", wordfilter.Pass}, {"good", "pass", wordfilter.Pass}, {"good", "review", wordfilter.Hold},
		{"good", "risky", wordfilter.Reject}, {"good", "perhaps", wordfilter.Hold}, {"used", "pass", wordfilter.Hold},
	} {
		x.suggest = c.suggest
		if got := s.Check(t.Context(), contentcheck.Subject{Text: "你好", Code: c.code}); got.Action != c.want {
			t.Errorf("code %q, suggestion %q: %+v", c.code, c.suggest, got)
		}
	}
	if n := x.tokens.Load(); n != 1 {
		t.Errorf("%d tokens were fetched for one hour", n)
	}
	x.suggest = "pass"
	x.tokens.Add(1) // WeChat revoked the token
	if got := s.Check(t.Context(), contentcheck.Subject{Text: "你好", Code: "good"}); got.Action != wordfilter.Pass {
		t.Errorf("after the token was revoked: %+v", got)
	}
	now = now.Add(2 * time.Hour)
	before := x.tokens.Load()
	if got := s.Check(t.Context(), contentcheck.Subject{Text: strings.Repeat("长", 3000), Code: "good"}); got.Action != wordfilter.Pass || x.tokens.Load() != before+1 {
		t.Errorf("after two hours: %+v, %d tokens", got, x.tokens.Load())
	}
}

// TestSecretsStayOutOfErrors checks that a URL with a secret is not logged.
func TestSecretsStayOutOfErrors(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	w := &contentcheck.WeChat{AppID: "wx1", Secret: "s3cret", Base: "http://127.0.0.1:1", Client: http.DefaultClient, Clock: time.Now}
	s := contentcheck.New(time.Minute, slog.New(slog.NewTextHandler(&log, nil)), w)
	if got := s.Check(t.Context(), contentcheck.Subject{Text: "你好", Code: "good"}); got.Action != wordfilter.Hold {
		t.Errorf("the server is down: %+v", got)
	}
	if strings.Contains(log.String(), "s3cret") || !strings.Contains(log.String(), "wechat") {
		t.Errorf("logged %s", log.String())
	}
}
