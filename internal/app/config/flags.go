package config

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// DatabaseFlag returns --database, which nearly every command takes.
func DatabaseFlag(c *Config) cli.Flag {
	return text("database", &c.Database, "sqlite:PATH or postgres://USER@HOST/NAME")
}

// SecretKeyFlag returns --secret-key, for commands that read or write encrypted values.
func SecretKeyFlag(c *Config) cli.Flag {
	return text("secret-key", &c.SecretKey, "32 random bytes in base64 that encrypt secrets; several, separated by commas, for rotation; set it by TONGGAO_SECRET_KEY or its _FILE; empty: a file next to the SQLite database")
}

// MediaFlags returns the flags of the storage of uploaded pictures.
func MediaFlags(c *Config) []cli.Flag {
	return []cli.Flag{
		text("media-dir", &c.MediaDir, "the directory for uploaded pictures; created when it is needed"),
		text("media-s3-endpoint", &c.MediaS3.Endpoint, "an S3-compatible storage for pictures instead, such as https://s3.example.com"),
		text("media-s3-bucket", &c.MediaS3.Bucket, "the bucket, which must exist and may be private"),
		text("media-s3-region", &c.MediaS3.Region, "the region, if the storage has regions"),
		text("media-s3-access-key", &c.MediaS3.AccessKey, "the access key ID"),
		text("media-s3-secret-key", &c.MediaS3.SecretKey, "the secret access key; prefer TONGGAO_MEDIA_S3_SECRET_KEY_FILE"),
		number("upload-bytes", &c.UploadBytes, "the greatest size of an uploaded picture in bytes"),
		number("upload-pixels", &c.UploadPixels, "the greatest number of pixels of an uploaded picture"),
	}
}

// ServeFlags returns the flags of `tonggao serve`.
func ServeFlags(c *Config) []cli.Flag {
	return slices.Concat([]cli.Flag{
		DatabaseFlag(c),
		list("database-replica", &c.Standbys, "the address of a standby that answers anonymous readers; may be repeated"),
		duration("replica-max-lag", &c.MaxLag, "how far a standby may be behind the primary until it is left out"),
		text("addr", &c.Addr, "the address to listen on; port 0 picks a free one"),
		text("admin-addr", &c.AdminAddr, "the address for /metrics and profiles; keep it private; empty: none"),
		text("base-url", &c.BaseURL, "the public address of the server, such as https://api.example.com"),
		yes("demo", &c.Demo, "fill an empty database with a demo portal; implies --explorer and allows pages on localhost to call the API"),
		yes("read-only", &c.ReadOnly, "only read, as from a standby: writes are refused, and no background work runs"),
		yes("explorer", &c.Explorer, "serve GraphiQL at / and allow introspection"),
		yes("allow-plain-text", &c.AllowPlainText, "start on PostgreSQL without an encryption key, and store personal data in plain text"),
		list("cors-origin", &c.Origins, "a web origin that may call the API, such as https://m.example.com or http://localhost:* (any port); may be repeated"),
		list("trusted-proxy", &c.TrustedProxies, "a network of proxies whose X-Forwarded-For is trusted; may be repeated"),
		number("cost-limit", &c.CostLimit, "the greatest cost of a request; extensions.cost in an answer shows its cost"),
		number("rate-limit", &c.RateLimit, "requests per second from one address; 0: no limit, also of points"),
		number("point-rate", &c.PointRate, "points per second from one address, or one reader's token: extensions.cost in an answer shows its price, which is settled by the processor time and bytes that it took; 0: no limit"),
		number("point-burst", &c.PointBurst, "points that one address or one reader's token may save up"),
		number("answer-bytes", &c.AnswerBytes, "the greatest size of an answer to a client without a token; 0: no limit"),
		number("response-cache", &c.ResponseCache, "bytes of answers to anonymous queries that are kept in memory until something that they show changes; 0: none"),
		text("cache-control", &c.CacheControl, "the Cache-Control header of public answers to GET, for browsers, proxies and CDNs; empty: none"),
		text("cache-tag-header", &c.CacheTags, "the header that names what such an answer shows, for purging: Surrogate-Key (Fastly, Varnish), Cache-Tag (Cloudflare) or xkey; empty: none"),
		number("write-limit", &c.WriteLimit, "comments and reports per minute from one address or one reader's token; 0: no limit"),
		number("write-bytes", &c.WriteBytes, "bytes of comments, reports and their files in a day from one address or one reader's token; 0: no limit"),
		number("report-file-bytes", &c.ReportFiles, "bytes of the files of undecided reports together; beyond it files are refused; 0: no limit"),
		list("words", &c.Words, "a word list that comments are checked against, one word per line; may be repeated"),
		text("calendar", &c.Calendar, "a file with the holidays and working weekends of further years; docs/reports.md describes it"),
		list("ip-regions", &c.IPRegions, "a file with the regions of network addresses, .xdb of ip2region or .mmdb; may be repeated, for IPv4 and IPv6"),
		text("checker-url", &c.CheckerURL, "the address of a content check that gets each comment; docs/comments.md describes the protocol"),
		text("captcha-url", &c.CaptchaURL, "the siteverify address of a captcha; comments and reports without a token must solve it"),
		text("captcha-secret", &c.CaptchaSecret, "the secret of the captcha; prefer TONGGAO_CAPTCHA_SECRET_FILE"),
		text("wechat-appid", &c.WechatAppID, "the mini-program whose comments WeChat's msg_sec_check checks"),
		text("wechat-secret", &c.WechatSecret, "the secret of the mini-program; prefer TONGGAO_WECHAT_SECRET_FILE"),
		text("wechat-url", &c.WechatURL, "the base address of WeChat's API, for use behind a proxy"),
		text("notice-url", &c.NoticeURL, "the address that is notified of new reports and of deadlines; docs/reports.md describes the messages"),
		text("notice-secret", &c.NoticeSecret, "whsec_ and random bytes in base64, to sign those messages; prefer TONGGAO_NOTICE_SECRET_FILE"),
		duration("retention", &c.Retention, "how long the change log keeps superseded entries; followers must reconnect within it"),
		duration("personal-data-retention", &c.PersonalData, "after how long the origin addresses of comments and articles, and the reporters of closed reports, are erased"),
	}, MediaFlags(c), []cli.Flag{
		duration("views-interval", &c.ViewsInterval, "how often view counts are written; a crash loses at most those of one interval"),
		text("log-format", &c.LogFormat, "text or json"),
		text("log-level", &c.LogLevel, "debug, info, warn or error"),
		duration("drain-pause", &c.DrainPause, "how long /readyz fails before the server stops listening, for load balancers"),
		SecretKeyFlag(c),
		list("webhook-allow-network", &c.WebhookNetworks, "a private network that webhooks may reach, such as 10.20.0.0/16; may be repeated"),
		duration("webhook-interval", &c.WebhookInterval, "how often webhooks poll for changes of other processes"),
	})
}

// text returns a flag of a text; its default is the present value of to.
func text(name string, to *string, usage string) cli.Flag {
	return &cli.StringFlag{Name: name, Value: *to, Destination: to, Sources: sources(name), Usage: usage}
}

// yes returns a flag of a switch; its default is the present value of to.
func yes(name string, to *bool, usage string) cli.Flag {
	return &cli.BoolFlag{Name: name, Value: *to, Destination: to, Sources: sources(name), Usage: usage}
}

// list returns a flag of texts, which may be repeated; its default is the present value of to.
func list(name string, to *[]string, usage string) cli.Flag {
	return &cli.StringSliceFlag{Name: name, Value: *to, Destination: to, Sources: sources(name), Usage: usage}
}

// number returns a flag of a number; its default is the present value of to.
func number(name string, to *int, usage string) cli.Flag {
	return &cli.IntFlag{Name: name, Value: *to, Destination: to, Sources: sources(name), Usage: usage}
}

// duration returns a flag of a duration; its default is the present value of to.
func duration(name string, to *time.Duration, usage string) cli.Flag {
	return &cli.DurationFlag{Name: name, Value: *to, Destination: to, Sources: sources(name), Usage: usage}
}

// sources returns where the value of a flag comes from if it is not on the command line.
func sources(flag string) cli.ValueSourceChain {
	name := "TONGGAO_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	return cli.NewValueSourceChain(cli.EnvVar(name), fileNamedBy(name+"_FILE"))
}

// CheckFiles returns an error if an environment variable names a file that cannot be read,
// or if a setting is given both ways. A mistyped secret must not become the default.
func CheckFiles() error {
	for _, entry := range os.Environ() {
		name, path, _ := strings.Cut(entry, "=")
		plain, isFile := strings.CutSuffix(name, "_FILE")
		if !isFile || !strings.HasPrefix(name, "TONGGAO_") {
			continue
		}
		if _, err := os.ReadFile(path); err != nil {
			return fault.Wrap(err, fault.BadUserInput, "%s names the file %s, which cannot be read", name, path)
		}
		if _, both := os.LookupEnv(plain); both {
			return fault.New(fault.BadUserInput, "%s and %s are both set; give one of them", plain, name)
		}
	}
	return nil
}

// fileNamedBy reads a value from the file that an environment variable names, as container
// platforms provide secrets.
type fileNamedBy string

// Lookup returns the content of the file without line breaks at its end.
func (v fileNamedBy) Lookup() (string, bool) {
	path, ok := os.LookupEnv(string(v))
	if !ok {
		return "", false
	}
	value, err := os.ReadFile(path)
	if err != nil {
		return "", false
	}
	return strings.TrimRight(string(value), "\r\n"), true
}

func (v fileNamedBy) String() string   { return "the file in " + string(v) }
func (v fileNamedBy) GoString() string { return string(v) }
