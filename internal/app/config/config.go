// Package config holds all settings of the operator in one struct. A setting comes from a
// flag, from the environment (TONGGAO_ and the name of the flag), or from a file that
// TONGGAO_<NAME>_FILE names. Only app and its commands read it; other packages get plain
// values.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
)

// A Config holds the settings of `tonggao serve`.
type Config struct {
	Database       string
	Standbys       []string      // addresses of standbys that answer anonymous readers
	MaxLag         time.Duration // of such a standby
	Addr           string
	AdminAddr      string   // empty: no metrics
	BaseURL        string   // public address of the server; empty: addresses stay relative
	Demo           bool     // fill an empty database with demo content
	ReadOnly       bool     // only read, as from a standby
	Explorer       bool     // GraphiQL and introspection; Demo implies it
	Origins        []string // web origins that may call the API
	TrustedProxies []string // networks whose X-Forwarded-For is trusted
	CostLimit      int      // greatest cost of a request
	RateLimit      int      // requests a second from one address; 0: no limit, also of points
	PointRate      int      // points a second from one address; 0: no limit
	PointBurst     int      // points that one address may save up
	AnswerBytes    int      // of an answer to a client without a token; 0: no bound
	ResponseCache  int      // bytes of answers that are kept; 0: none is
	CacheControl   string   // of public answers to GETs; empty: none
	CacheTags      string   // the header that names what such an answer shows; empty: none
	WriteLimit     int      // comments and reports a minute from one address; 0: no limit
	WriteBytes     int      // bytes of comments, reports and their files a day from one address; 0: no limit
	ReportFiles    int      // bytes of the files of undecided reports together; 0: no limit
	Words          []string // word list files for comments
	Calendar       string   // file with working days of further years; empty: none
	IPRegions      []string // files with the regions of network addresses
	CheckerURL     string   // content check of comments over HTTP; empty: none
	CaptchaURL     string   // siteverify address of a captcha; empty: none
	CaptchaSecret  string
	WechatAppID    string // mini-program whose comments WeChat checks; empty: none
	WechatSecret   string
	WechatURL      string        // base address of WeChat's API; empty: its own servers
	MediaDir       string        // directory of uploaded pictures
	MediaS3        S3            // bucket of uploaded pictures; empty: MediaDir
	UploadBytes    int           // greatest size of an uploaded picture
	UploadPixels   int           // most pixels of one
	ViewsInterval  time.Duration // how often view counts are written
	Retention      time.Duration // how long the change log keeps superseded entries
	PersonalData   time.Duration // retention of personal data
	LogFormat      string        // text or json
	LogLevel       string        // debug, info, warn, error
	DrainPause     time.Duration // how long /readyz fails before listening ends

	NoticeURL       string        // receiver of alerts about reports and deadlines; empty: none
	NoticeSecret    string        // signs alerts
	SecretKey       string        // keys of internal/foundation/seal; empty: a file next to the SQLite database
	AllowPlainText  bool          // start on PostgreSQL without such a key
	WebhookNetworks []string      // private networks that webhooks may reach
	WebhookInterval time.Duration // how often webhooks poll for changes of other processes
}

// LocalOrigins are the origins of a developer's own pages, on any port. Demo allows them.
var LocalOrigins = []string{"http://localhost:*", "http://127.0.0.1:*"}

// minPersonalData is the six months for which network logs must be retained: 网络安全法,
// art. 23 (3).
const minPersonalData = 184 * 24 * time.Hour

// S3 names a bucket of an S3-compatible storage and its access key.
type S3 struct{ Endpoint, Bucket, Region, AccessKey, SecretKey string }

// Default returns the default settings.
func Default() Config {
	return Config{
		Database: "sqlite:data/tonggao.db", MaxLag: 10 * time.Second, Addr: "127.0.0.1:8080",
		CostLimit: 20_000, RateLimit: 100, PointRate: 2_000, PointBurst: 20_000, AnswerBytes: 8 << 20, WriteLimit: 10,
		ResponseCache: 128 << 20, CacheControl: "public, max-age=0, s-maxage=1, stale-while-revalidate=5", CacheTags: "Surrogate-Key",
		WriteBytes: 40 << 20, ReportFiles: 2 << 30, ViewsInterval: 5 * time.Second,
		Retention: 90 * 24 * time.Hour, PersonalData: minPersonalData,
		LogFormat: "text", LogLevel: "info", WebhookInterval: 200 * time.Millisecond,
		MediaDir: "data/media", UploadBytes: 10 << 20, UploadPixels: 40_000_000,
	}
}

// Validate returns one error that lists every invalid setting and what to set instead.
func (c Config) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for flag, addr := range map[string]string{"addr": c.Addr, "admin-addr": c.AdminAddr} {
		if _, _, err := net.SplitHostPort(addr); err != nil && (flag == "addr" || addr != "") {
			add("--%s %q is not HOST:PORT, such as 127.0.0.1:8080", flag, addr)
		}
	}
	if c.ReadOnly && c.Demo {
		add("--demo fills a database, and --read-only writes nothing; give one of them")
	}
	c.checkStandbys(add)
	if c.BaseURL != "" && !isOrigin(c.BaseURL) {
		add("--base-url %q is not an address such as https://api.example.com", c.BaseURL)
	}
	for _, origin := range c.Origins {
		if !slices.Contains(LocalOrigins, origin) && (!isOrigin(origin) || strings.Contains(origin, "*")) {
			add("--cors-origin %q is not exactly one origin, such as https://m.example.com; %s allow any port of a developer's machine", origin, strings.Join(LocalOrigins, " and "))
		}
	}
	for _, network := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(network); err != nil {
			add("--trusted-proxy %q is not a network, such as 10.0.0.0/8", network)
		}
	}
	for _, network := range c.WebhookNetworks {
		if _, err := netip.ParsePrefix(network); err != nil {
			add("--webhook-allow-network %q is not a network, such as 10.20.0.0/16", network)
		}
	}
	if _, err := seal.Parse(c.SecretKey); err != nil {
		add("TONGGAO_SECRET_KEY: %v", err)
	}
	if c.SecretKey == "" && strings.HasPrefix(c.Database, "postgres") && !c.AllowPlainText && !c.Demo {
		add("there is no encryption key: create one with `openssl rand -base64 32` and set it as TONGGAO_SECRET_KEY, the same on every replica; " +
			"or give --allow-plain-text to store the addresses and statements of reporters in plain text")
	}
	if c.WebhookInterval < 10*time.Millisecond {
		add("--webhook-interval %s: give at least 10ms", c.WebhookInterval)
	}
	if c.CostLimit < 100 {
		add("--cost-limit %d allows no useful request; give at least 100", c.CostLimit)
	}
	if c.RateLimit < 0 {
		add("--rate-limit %d: give 0 for no limit, or requests a second", c.RateLimit)
	}
	c.checkPoints(add)
	c.checkCaching(add)
	if c.WriteLimit < 0 {
		add("--write-limit %d: give 0 for no limit, or comments and reports a minute", c.WriteLimit)
	}
	if c.WriteBytes < 0 || c.ReportFiles < 0 {
		add("--write-bytes %d, --report-file-bytes %d: give 0 for no limit, or bytes", c.WriteBytes, c.ReportFiles)
	}
	if c.CheckerURL != "" && !isURL(c.CheckerURL) {
		add("--checker-url is not an address such as http://127.0.0.1:9000/check")
	}
	if (c.CaptchaURL == "") != (c.CaptchaSecret == "") {
		add("--captcha-url and --captcha-secret belong together; give both or none")
	}
	if c.CaptchaURL != "" && !isURL(c.CaptchaURL) {
		add("--captcha-url is not an address such as https://challenges.cloudflare.com/turnstile/v0/siteverify")
	}
	if c.NoticeURL != "" && !isURL(c.NoticeURL) {
		add("--notice-url is not an address such as https://example.com/duty")
	}
	if err := webhooksig.Check(c.NoticeSecret); c.NoticeSecret != "" && err != nil {
		add("--notice-secret: %v", err)
	}
	if (c.WechatAppID == "") != (c.WechatSecret == "") {
		add("--wechat-appid and --wechat-secret belong together; give both or none")
	}
	if c.Retention < time.Hour {
		add("--retention %s: give at least 1h; followers have that long to reconnect", c.Retention)
	}
	if c.PersonalData < minPersonalData {
		add("--personal-data-retention %s: give at least %s; network addresses must be retained for six months (网络安全法, art. 23)", c.PersonalData, minPersonalData)
	}
	if c.MediaS3 == (S3{}) && c.MediaDir == "" {
		add("--media-dir is empty; name a folder, such as data/media, or a bucket with --media-s3-endpoint")
	}
	if s := c.MediaS3; s != (S3{}) && (!isOrigin(s.Endpoint) || s.Bucket == "" || s.AccessKey == "" || s.SecretKey == "") {
		add("--media-s3-endpoint (an address such as https://s3.example.com), -bucket, -access-key and -secret-key belong together; give all or none")
	}
	c.checkUploads(add)
	if c.ViewsInterval < 100*time.Millisecond {
		add("--views-interval %s: give at least 100ms", c.ViewsInterval)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		add("--log-format %q is neither text nor json", c.LogFormat)
	}
	if _, err := c.Level(); err != nil {
		add("--log-level %q is not one of debug, info, warn, error", c.LogLevel)
	}
	if len(errs) == 0 {
		return nil
	}
	return fault.New(fault.BadUserInput, "%v", errors.Join(errs...))
}

// checkUploads adds which limits of uploads are wrong.
func (c Config) checkUploads(add func(string, ...any)) {
	if c.UploadBytes < 1<<10 || c.UploadBytes > 64<<20 {
		add("--upload-bytes %d: give 1024 to 67108864", c.UploadBytes)
	}
	if c.UploadPixels < 1 || c.UploadPixels > 100_000_000 {
		add("--upload-pixels %d: give 1 to 100000000", c.UploadPixels)
	}
}

// checkStandbys adds why the standbys cannot be used.
func (c Config) checkStandbys(add func(string, ...any)) {
	for i, address := range c.Standbys {
		if !strings.HasPrefix(address, "postgres") || !strings.HasPrefix(c.Database, "postgres") {
			add("--database-replica %q and --database must both be of PostgreSQL, such as postgres://USER@HOST/NAME", Redact(address))
		}
		if slices.Contains(c.Standbys[:i], address) {
			add("--database-replica %q is given twice", Redact(address))
		}
	}
	if c.MaxLag < time.Second {
		add("--replica-max-lag %s: give at least 1s", c.MaxLag)
	}
}

// isURL reports whether s is an address of HTTP.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// isOrigin reports whether s is scheme://host and nothing else.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return isURL(s) && err == nil && u.User == nil && s == u.Scheme+"://"+u.Host
}

// checkPoints adds what is wrong with the limits of what documents may cost.
func (c Config) checkPoints(add func(format string, args ...any)) {
	if c.PointRate < 0 || c.PointBurst < c.PointRate || c.AnswerBytes < 0 {
		add("--point-rate %d, --point-burst %d, --answer-bytes %d: give 0 for no limit, and a burst of a second's points or more", c.PointRate, c.PointBurst, c.AnswerBytes)
	}
}

// checkCaching adds what is wrong with how answers are kept.
func (c Config) checkCaching(add func(format string, args ...any)) {
	if c.ResponseCache < 0 {
		add("--response-cache %d: give 0 for none, or bytes", c.ResponseCache)
	}
	if strings.ContainsAny(c.CacheControl, "\r\n") || strings.ContainsAny(c.CacheTags, " :\r\n") {
		add("--cache-control %q, --cache-tag-header %q: give the value of one header, such as public, s-maxage=1, and the name of another", c.CacheControl, c.CacheTags)
	}
}

// Level returns the lowest level that is logged.
func (c Config) Level() (level slog.Level, err error) {
	return level, level.UnmarshalText([]byte(c.LogLevel))
}

// Dump returns the settings in readable form, one per line, without secrets.
func (c Config) Dump() string {
	var b strings.Builder
	for _, line := range []struct {
		flag  string
		value any
	}{
		{"database", Location(c.Database)}, {"database-replica", redactAll(c.Standbys)}, {"replica-max-lag", c.MaxLag}, {"addr", c.Addr}, {"admin-addr", c.AdminAddr}, {"base-url", c.BaseURL},
		{"demo", c.Demo}, {"read-only", c.ReadOnly}, {"allow-plain-text", c.AllowPlainText}, {"explorer", c.Explorer || c.Demo}, {"cors-origin", c.Origins},
		{"trusted-proxy", c.TrustedProxies}, {"cost-limit", c.CostLimit}, {"rate-limit", c.RateLimit}, {"point-rate", c.PointRate}, {"point-burst", c.PointBurst}, {"answer-bytes", c.AnswerBytes},
		{"response-cache", c.ResponseCache}, {"cache-control", c.CacheControl}, {"cache-tag-header", c.CacheTags},
		{"write-limit", c.WriteLimit}, {"write-bytes", c.WriteBytes}, {"report-file-bytes", c.ReportFiles}, {"words", c.Words}, {"calendar", c.Calendar}, {"ip-regions", c.IPRegions}, {"checker-url", Origin(c.CheckerURL)}, {"captcha-url", Origin(c.CaptchaURL)}, {"wechat-appid", c.WechatAppID}, {"notice-url", Origin(c.NoticeURL)},
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

// Location returns the full path of an SQLite database, or the address of another without
// its password.
func Location(database string) string {
	if path, found := strings.CutPrefix(database, "sqlite:"); found {
		if full, err := filepath.Abs(path); err == nil {
			return "sqlite:" + full
		}
	}
	return Redact(database)
}

// Origin returns the scheme and the host of an address: its path and its query may have a
// token, as those of group robots do.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func redactAll(databases []string) []string {
	list := make([]string, len(databases))
	for i, database := range databases {
		list[i] = Redact(database)
	}
	return list
}

// Redact returns an address without its password.
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
