package contentcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// WeChat asks msg_sec_check, version 2, about what users of the mini-program write. It
// knows only who opened the mini-program within two hours, so what comes without a
// code of wx.login is for the other checkers.
// Source: developers.weixin.qq.com, 内容安全 msgSecCheck and 登录 code2Session.
type WeChat struct {
	AppID, Secret string
	Base          string // empty: https://api.weixin.qq.com
	Client        *http.Client
	Clock         func() time.Time

	mu      sync.Mutex
	token   string
	expires time.Time
}

// Name is what moderators read.
func (w *WeChat) Name() string { return "wechat" }

const (
	sceneComment  = 2
	wechatVersion = 2
	maxWeChatText = 2500 // characters
)

// answered is what every answer of WeChat has.
type answered struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

func (a answered) err() error {
	if a.Code == 0 {
		return nil
	}
	return &wechatError{a.Code, a.Message}
}

type wechatError struct {
	code    int
	message string
}

func (e *wechatError) Error() string {
	return fmt.Sprintf("WeChat answered %d %.100s", e.code, e.message)
}

// staleToken are the codes for a token that has to be fetched again.
var staleToken = map[int]bool{40001: true, 40014: true, 42001: true}

// Check asks WeChat.
func (w *WeChat) Check(ctx context.Context, s Subject) (Finding, error) {
	if s.Code == "" {
		return Finding{}, nil
	}
	openid, err := w.openid(ctx, s.Code)
	if err != nil {
		return Finding{}, err
	}
	finding, err := w.ask(ctx, openid, s, false)
	var refused *wechatError
	if errors.As(err, &refused) && staleToken[refused.code] {
		finding, err = w.ask(ctx, openid, s, true)
	}
	return finding, err
}

func (w *WeChat) ask(ctx context.Context, openid string, s Subject, again bool) (Finding, error) {
	token, err := w.accessToken(ctx, again)
	if err != nil {
		return Finding{}, err
	}
	text := s.Text
	if utf8.RuneCountInString(text) > maxWeChatText {
		text = string([]rune(text)[:maxWeChatText])
	}
	var a struct {
		answered
		Result struct {
			Suggest string `json:"suggest"`
			Label   int    `json:"label"`
		} `json:"result"`
	}
	err = post(ctx, w.Client, w.address("/wxa/msg_sec_check", url.Values{"access_token": {token}}), map[string]any{
		"content": text, "version": wechatVersion, "scene": sceneComment, "openid": openid, "nickname": s.Author}, &a)
	if err = errors.Join(err, a.err()); err != nil {
		return Finding{}, err
	}
	action, known := map[string]wordfilter.Action{"pass": wordfilter.Pass, "review": wordfilter.Hold, "risky": wordfilter.Reject}[a.Result.Suggest]
	if !known {
		return Finding{}, fmt.Errorf("WeChat suggests %.20q, which is none of pass, review, risky", a.Result.Suggest)
	}
	return Finding{Action: action, Why: fmt.Sprintf("%s, label %d", a.Result.Suggest, a.Result.Label)}, nil
}

// openid is who the code of wx.login is; a code is good once.
func (w *WeChat) openid(ctx context.Context, code string) (string, error) {
	var a struct {
		answered
		OpenID string `json:"openid"`
	}
	address := w.address("/sns/jscode2session", url.Values{"appid": {w.AppID}, "secret": {w.Secret}, "js_code": {code}, "grant_type": {"authorization_code"}})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", hideQuery(err)
	}
	if err := fetch(w.Client, r, &a); err != nil {
		return "", err
	}
	if a.err() == nil && a.OpenID == "" {
		return "", errors.New("WeChat answered no openid")
	}
	return a.OpenID, a.err()
}

// early is how long before its end a token is fetched anew.
const early = 5 * time.Minute

func (w *WeChat) accessToken(ctx context.Context, again bool) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !again && w.token != "" && w.Clock().Before(w.expires.Add(-early)) {
		return w.token, nil
	}
	var a struct {
		answered
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	err := post(ctx, w.Client, w.address("/cgi-bin/stable_token", nil), map[string]string{
		"grant_type": "client_credential", "appid": w.AppID, "secret": w.Secret}, &a)
	if err = errors.Join(err, a.err()); err != nil {
		return "", err
	}
	w.token, w.expires = a.Token, w.Clock().Add(time.Duration(a.Seconds)*time.Second)
	return a.Token, nil
}

func (w *WeChat) address(path string, query url.Values) string {
	base := w.Base
	if base == "" {
		base = "https://api.weixin.qq.com"
	}
	if query != nil {
		path += "?" + query.Encode()
	}
	return base + path
}

// hideQuery keeps secrets that stand in an address out of the log.
func hideQuery(err error) error {
	var failed *url.Error
	if !errors.As(err, &failed) {
		return err
	}
	address, parseErr := url.Parse(failed.URL)
	if parseErr != nil {
		return failed.Err
	}
	return fmt.Errorf("%s %s: %w", failed.Op, address.Path, failed.Err)
}
