// Package config is everything an operator can set, in one struct: from flags,
// from the environment (TONGGAO_ and the flag's name), or from a file that
// TONGGAO_<NAME>_FILE names. Only cli and app read it; everybody else is handed
// plain values.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
)

// Config is the settings of `tonggao serve`.
type Config struct {
	Database       string
	Addr           string
	AdminAddr      string   // empty: no metrics
	BaseURL        string   // how clients reach the server; empty: addresses stay relative
	Demo           bool     // fill an empty database with demo content
	Explorer       bool     // GraphiQL and introspection; Demo implies it
	Origins        []string // web pages that may call the API, exactly
	TrustedProxies []string // networks whose X-Forwarded-For is believed
	CostLimit      int      // most that one request may cost
	RateLimit      int      // requests a second from one address; 0: no limit
	WriteLimit     int      // comments and reports a minute from one address; 0: no limit
	Words          []string // files with words that comments are checked against
	Calendar       string   // a file with working days of more years; empty: none
	IPRegions      []string // files that know the regions of network addresses
	CheckerURL     string   // a program that looks at comments; empty: none
	CaptchaURL     string   // a service that tells people from programs; empty: none
	CaptchaSecret  string
	WechatAppID    string // of the mini-program whose comments WeChat looks at; empty: none
	WechatSecret   string
	WechatURL      string        // where WeChat answers; empty: its own servers
	MediaDir       string        // where uploaded pictures lie
	MediaS3        S3            // where they lie instead; empty: in MediaDir
	UploadBytes    int           // most that an uploaded picture may have
	UploadPixels   int           // most pixels of one
	ViewsInterval  time.Duration // how often views are written
	Retention      time.Duration // how long the change log keeps what something later replaced
	PersonalData   time.Duration // how long what tells of persons is kept
	LogFormat      string        // text or json
	LogLevel       string        // debug, info, warn, error
	DrainPause     time.Duration // how long readiness says no before listening ends

	NoticeURL       string        // a program of the operator's that is told of reports and deadlines; empty: none
	NoticeSecret    string        // signs what it is told
	SecretKey       string        // keys of internal/foundation/seal; empty: a file beside the SQLite database
	WebhookNetworks []string      // networks of webhook receivers that are not public
	WebhookInterval time.Duration // how often webhooks look for changes of other processes
}

// leastPersonal is the six months for which the network addresses of what is published
// have to be kept: 网络安全法, art. 23 (3).
const leastPersonal = 184 * 24 * time.Hour

// S3 is a bucket of an S3-compatible storage.
type S3 struct{ Endpoint, Bucket, Region, AccessKey, SecretKey string }

// Default is the settings of a server that nobody configured.
func Default() Config {
	return Config{
		Database: "sqlite:data/tonggao.db", Addr: "127.0.0.1:8080",
		CostLimit: 20_000, RateLimit: 100, WriteLimit: 10, ViewsInterval: 5 * time.Second,
		Retention: 90 * 24 * time.Hour, PersonalData: leastPersonal,
		LogFormat: "text", LogLevel: "info", WebhookInterval: 200 * time.Millisecond,
		MediaDir: "data/media", UploadBytes: 10 << 20, UploadPixels: 40_000_000,
	}
}

// Validate says everything that is wrong with c, and what to set instead.
func (c Config) Validate() error {
	var wrong []error
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for flag, addr := range map[string]string{"addr": c.Addr, "admin-addr": c.AdminAddr} {
		if _, _, err := net.SplitHostPort(addr); err != nil && (flag == "addr" || addr != "") {
			complain("--%s %q is not HOST:PORT, such as 127.0.0.1:8080", flag, addr)
		}
	}
	if c.BaseURL != "" && !isOrigin(c.BaseURL) {
		complain("--base-url %q is not an address such as https://api.example.com", c.BaseURL)
	}
	for _, origin := range c.Origins {
		if !isOrigin(origin) {
			complain("--cors-origin %q is not exactly one origin, such as https://m.example.com", origin)
		}
	}
	for _, network := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(network); err != nil {
			complain("--trusted-proxy %q is not a network, such as 10.0.0.0/8", network)
		}
	}
	for _, network := range c.WebhookNetworks {
		if _, err := netip.ParsePrefix(network); err != nil {
			complain("--webhook-allow-network %q is not a network, such as 10.20.0.0/16", network)
		}
	}
	if _, err := seal.Parse(c.SecretKey); err != nil {
		complain("TONGGAO_SECRET_KEY: %v", err)
	}
	if c.WebhookInterval < 10*time.Millisecond {
		complain("--webhook-interval %s: give at least 10ms", c.WebhookInterval)
	}
	if c.CostLimit < 100 {
		complain("--cost-limit %d lets no useful request through; give at least 100", c.CostLimit)
	}
	if c.RateLimit < 0 {
		complain("--rate-limit %d: give 0 for no limit, or requests a second", c.RateLimit)
	}
	if c.WriteLimit < 0 {
		complain("--write-limit %d: give 0 for no limit, or comments and reports a minute", c.WriteLimit)
	}
	if u, err := url.Parse(c.CheckerURL); c.CheckerURL != "" && (err != nil || u.Host == "") {
		complain("--checker-url %q is not an address such as http://127.0.0.1:9000/check", c.CheckerURL)
	}
	if (c.CaptchaURL == "") != (c.CaptchaSecret == "") {
		complain("--captcha-url and --captcha-secret belong together; give both or none")
	}
	if u, err := url.Parse(c.CaptchaURL); c.CaptchaURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		complain("--captcha-url is not an address such as https://challenges.cloudflare.com/turnstile/v0/siteverify")
	}
	if u, err := url.Parse(c.NoticeURL); c.NoticeURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		complain("--notice-url is not an address such as https://example.com/duty")
	}
	if err := webhooksig.Check(c.NoticeSecret); c.NoticeSecret != "" && err != nil {
		complain("--notice-secret: %v", err)
	}
	if (c.WechatAppID == "") != (c.WechatSecret == "") {
		complain("--wechat-appid and --wechat-secret belong together; give both or none")
	}
	if c.Retention < time.Hour {
		complain("--retention %s: give at least 1h; who keeps a copy has so long to come back", c.Retention)
	}
	if c.PersonalData < leastPersonal {
		complain("--personal-data-retention %s: give at least %s; where somebody wrote from has to be kept for six months (网络安全法, art. 23)", c.PersonalData, leastPersonal)
	}
	if c.MediaS3 == (S3{}) && c.MediaDir == "" {
		complain("--media-dir is empty; name a folder, such as data/media, or a bucket with --media-s3-endpoint")
	}
	if s := c.MediaS3; s != (S3{}) && (!isOrigin(s.Endpoint) || s.Bucket == "" || s.AccessKey == "" || s.SecretKey == "") {
		complain("--media-s3-endpoint (an address such as https://s3.example.com), -bucket, -access-key and -secret-key belong together; give all or none")
	}
	if c.UploadBytes < 1<<10 || c.UploadBytes > 64<<20 {
		complain("--upload-bytes %d: give 1024 to 67108864", c.UploadBytes)
	}
	if c.UploadPixels < 1 || c.UploadPixels > 100_000_000 {
		complain("--upload-pixels %d: give 1 to 100000000", c.UploadPixels)
	}
	if c.ViewsInterval < 100*time.Millisecond {
		complain("--views-interval %s: give at least 100ms", c.ViewsInterval)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		complain("--log-format %q is neither text nor json", c.LogFormat)
	}
	if _, err := c.Level(); err != nil {
		complain("--log-level %q is not one of debug, info, warn, error", c.LogLevel)
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.BadUserInput, "%v", errors.Join(wrong...))
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && strings.TrimSuffix(s, "/") == u.Scheme+"://"+u.Host && !strings.HasSuffix(s, "/")
}

// Level is the least important message that is logged.
func (c Config) Level() (level slog.Level, err error) {
	return level, level.UnmarshalText([]byte(c.LogLevel))
}

// Dump is the settings for people, with secrets hidden, one a line.
func (c Config) Dump() string {
	var b strings.Builder
	for _, line := range []struct {
		flag  string
		value any
	}{
		{"database", Redact(c.Database)}, {"addr", c.Addr}, {"admin-addr", c.AdminAddr}, {"base-url", c.BaseURL},
		{"demo", c.Demo}, {"explorer", c.Explorer || c.Demo}, {"cors-origin", c.Origins},
		{"trusted-proxy", c.TrustedProxies}, {"cost-limit", c.CostLimit}, {"rate-limit", c.RateLimit},
		{"write-limit", c.WriteLimit}, {"words", c.Words}, {"calendar", c.Calendar}, {"ip-regions", c.IPRegions}, {"checker-url", Redact(c.CheckerURL)}, {"captcha-url", Redact(c.CaptchaURL)}, {"wechat-appid", c.WechatAppID}, {"notice-url", Redact(c.NoticeURL)},
		{"media-dir", c.MediaDir}, {"media-s3-endpoint", c.MediaS3.Endpoint}, {"media-s3-bucket", c.MediaS3.Bucket},
		{"upload-bytes", c.UploadBytes}, {"upload-pixels", c.UploadPixels},
		{"views-interval", c.ViewsInterval}, {"retention", c.Retention}, {"personal-data-retention", c.PersonalData}, {"log-format", c.LogFormat}, {"log-level", c.LogLevel},
		{"drain-pause", c.DrainPause},
		{"webhook-allow-network", c.WebhookNetworks}, {"webhook-interval", c.WebhookInterval},
	} {
		fmt.Fprintf(&b, "%-23s %v\n", line.flag, line.value)
	}
	return b.String()
}

// Redact hides the password in a database's address.
func Redact(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		scheme, _, _ := strings.Cut(database, ":")
		return scheme + ":…"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}
