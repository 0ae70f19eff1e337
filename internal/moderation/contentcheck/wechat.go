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

// WeChat calls msg_sec_check, version 2, which accepts only users who opened the
// mini-program within the last two hours. A subject without a code of wx.login passes; the
// other checkers examine it.
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

// Name returns the name that moderators read.
func (w *WeChat) Name() string { return "wechat" }

const (
	sceneComment  = 2
	wechatVersion = 2
	maxWeChatText = 2500 // characters
)

// status is the part that all responses of WeChat share.
type status struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

// err returns the error that s reports, or nil.
func (s status) err() error {
	if s.Code == 0 {
		return nil
	}
	return &wechatError{s.Code, s.Message}
}

// wechatError is an error that WeChat reports.
type wechatError struct {
	code    int
	message string
}

// Error returns the code and the message.
func (e *wechatError) Error() string {
	return fmt.Sprintf("WeChat answered %d %.100s", e.code, e.message)
}

// staleToken holds the codes of a token that has to be fetched again.
var staleToken = map[int]bool{40001: true, 40014: true, 42001: true}

// Check asks WeChat about the subject, once more with a new access token where it refused
// the cached one.
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

// ask asks WeChat about the subject; again fetches a new access token.
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
		status
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
		return Finding{}, fmt.Errorf("WeChat suggests %.20q instead of pass, review or risky", a.Result.Suggest)
	}
	return Finding{Action: action, Reason: fmt.Sprintf("%s, label %d", a.Result.Suggest, a.Result.Label)}, nil
}

// openid returns the user of a code of wx.login; a code is valid once.
func (w *WeChat) openid(ctx context.Context, code string) (string, error) {
	var a struct {
		status
		OpenID string `json:"openid"`
	}
	address := w.address("/sns/jscode2session", url.Values{"appid": {w.AppID}, "secret": {w.Secret}, "js_code": {code}, "grant_type": {"authorization_code"}})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", redactQuery(err)
	}
	if err := fetch(w.Client, r, &a); err != nil {
		return "", err
	}
	if a.err() == nil && a.OpenID == "" {
		return "", errors.New("WeChat returned no openid")
	}
	return a.OpenID, a.err()
}

// renewBefore is how long before its expiry a token is renewed.
const renewBefore = 5 * time.Minute

// accessToken returns the cached access token, or a new one where it expires soon or again
// is true.
func (w *WeChat) accessToken(ctx context.Context, again bool) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !again && w.token != "" && w.Clock().Before(w.expires.Add(-renewBefore)) {
		return w.token, nil
	}
	var a struct {
		status
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

// address returns the URL of an API.
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

// redactQuery removes the query, which contains secrets, from the URL in err.
func redactQuery(err error) error {
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
