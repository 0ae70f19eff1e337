package config

import (
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// DatabaseFlag returns --database, which nearly every command takes.
func DatabaseFlag(c *Config) cli.Flag {
	return &cli.StringFlag{Name: "database", Value: c.Database, Destination: &c.Database, Sources: sources("database"),
		Usage: "sqlite:PATH or postgres://USER@HOST/NAME"}
}

// SecretKeyFlag returns --secret-key, for commands that read or write encrypted values.
func SecretKeyFlag(c *Config) cli.Flag {
	return &cli.StringFlag{Name: "secret-key", Destination: &c.SecretKey, Sources: sources("secret-key"),
		Usage: "32 random bytes in base64 that encrypt secrets; several, separated by commas, for rotation; set it by TONGGAO_SECRET_KEY or its _FILE; empty: a file next to the SQLite database"}
}

// ServeFlags returns the flags of `tonggao serve`.
func ServeFlags(c *Config) []cli.Flag {
	return []cli.Flag{
		DatabaseFlag(c),
		&cli.StringFlag{Name: "addr", Value: c.Addr, Destination: &c.Addr, Sources: sources("addr"),
			Usage: "the address to listen on; port 0 picks a free one"},
		&cli.StringFlag{Name: "admin-addr", Destination: &c.AdminAddr, Sources: sources("admin-addr"),
			Usage: "the address for /metrics and profiles; keep it private; empty: none"},
		&cli.StringFlag{Name: "base-url", Destination: &c.BaseURL, Sources: sources("base-url"),
			Usage: "the public address of the server, such as https://api.example.com"},
		&cli.BoolFlag{Name: "demo", Destination: &c.Demo, Sources: sources("demo"),
			Usage: "fill an empty database with a demo portal; implies --explorer"},
		&cli.BoolFlag{Name: "explorer", Destination: &c.Explorer, Sources: sources("explorer"),
			Usage: "serve GraphiQL at / and allow introspection"},
		&cli.StringSliceFlag{Name: "cors-origin", Destination: &c.Origins, Sources: sources("cors-origin"),
			Usage: "a web origin that may call the API; may be repeated"},
		&cli.StringSliceFlag{Name: "trusted-proxy", Destination: &c.TrustedProxies, Sources: sources("trusted-proxy"),
			Usage: "a network of proxies whose X-Forwarded-For is trusted; may be repeated"},
		&cli.IntFlag{Name: "cost-limit", Value: c.CostLimit, Destination: &c.CostLimit, Sources: sources("cost-limit"),
			Usage: "the greatest cost of a request; extensions.cost in an answer shows its cost"},
		&cli.IntFlag{Name: "rate-limit", Value: c.RateLimit, Destination: &c.RateLimit, Sources: sources("rate-limit"),
			Usage: "requests per second from one address; 0: no limit"},
		&cli.IntFlag{Name: "write-limit", Value: c.WriteLimit, Destination: &c.WriteLimit, Sources: sources("write-limit"),
			Usage: "comments and reports per minute from one address or one reader's token; 0: no limit"},
		&cli.StringSliceFlag{Name: "words", Destination: &c.Words, Sources: sources("words"),
			Usage: "a word list that comments are checked against, one word per line; may be repeated"},
		&cli.StringFlag{Name: "calendar", Destination: &c.Calendar, Sources: sources("calendar"),
			Usage: "a file with the holidays and working weekends of further years; docs/reports.md describes it"},
		&cli.StringSliceFlag{Name: "ip-regions", Destination: &c.IPRegions, Sources: sources("ip-regions"),
			Usage: "a file with the regions of network addresses, .xdb of ip2region or .mmdb; may be repeated, for IPv4 and IPv6"},
		&cli.StringFlag{Name: "checker-url", Destination: &c.CheckerURL, Sources: sources("checker-url"),
			Usage: "the address of a content check that gets each comment; docs/comments.md describes the protocol"},
		&cli.StringFlag{Name: "captcha-url", Destination: &c.CaptchaURL, Sources: sources("captcha-url"),
			Usage: "the siteverify address of a captcha; comments and reports without a token must solve it"},
		&cli.StringFlag{Name: "captcha-secret", Destination: &c.CaptchaSecret, Sources: sources("captcha-secret"),
			Usage: "the secret of the captcha; prefer TONGGAO_CAPTCHA_SECRET_FILE"},
		&cli.StringFlag{Name: "wechat-appid", Destination: &c.WechatAppID, Sources: sources("wechat-appid"),
			Usage: "the mini-program whose comments WeChat's msg_sec_check checks"},
		&cli.StringFlag{Name: "wechat-secret", Destination: &c.WechatSecret, Sources: sources("wechat-secret"),
			Usage: "the secret of the mini-program; prefer TONGGAO_WECHAT_SECRET_FILE"},
		&cli.StringFlag{Name: "wechat-url", Destination: &c.WechatURL, Sources: sources("wechat-url"),
			Usage: "the base address of WeChat's API, for use behind a proxy"},
		&cli.StringFlag{Name: "notice-url", Destination: &c.NoticeURL, Sources: sources("notice-url"),
			Usage: "the address that is notified of new reports and of deadlines; docs/reports.md describes the messages"},
		&cli.StringFlag{Name: "notice-secret", Destination: &c.NoticeSecret, Sources: sources("notice-secret"),
			Usage: "whsec_ and random bytes in base64, to sign those messages; prefer TONGGAO_NOTICE_SECRET_FILE"},
		&cli.DurationFlag{Name: "retention", Value: c.Retention, Destination: &c.Retention, Sources: sources("retention"),
			Usage: "how long the change log keeps superseded entries; followers must reconnect within it"},
		&cli.DurationFlag{Name: "personal-data-retention", Value: c.PersonalData, Destination: &c.PersonalData, Sources: sources("personal-data-retention"),
			Usage: "after how long the origin addresses of comments and articles, and the reporters of closed reports, are erased"},
		&cli.StringFlag{Name: "media-dir", Value: c.MediaDir, Destination: &c.MediaDir, Sources: sources("media-dir"),
			Usage: "the directory for uploaded pictures; created when it is needed"},
		&cli.StringFlag{Name: "media-s3-endpoint", Destination: &c.MediaS3.Endpoint, Sources: sources("media-s3-endpoint"),
			Usage: "an S3-compatible storage for pictures instead, such as https://s3.example.com"},
		&cli.StringFlag{Name: "media-s3-bucket", Destination: &c.MediaS3.Bucket, Sources: sources("media-s3-bucket"),
			Usage: "the bucket, which must exist and may be private"},
		&cli.StringFlag{Name: "media-s3-region", Destination: &c.MediaS3.Region, Sources: sources("media-s3-region"),
			Usage: "the region, if the storage has regions"},
		&cli.StringFlag{Name: "media-s3-access-key", Destination: &c.MediaS3.AccessKey, Sources: sources("media-s3-access-key"),
			Usage: "the access key ID"},
		&cli.StringFlag{Name: "media-s3-secret-key", Destination: &c.MediaS3.SecretKey, Sources: sources("media-s3-secret-key"),
			Usage: "the secret access key; prefer TONGGAO_MEDIA_S3_SECRET_KEY_FILE"},
		&cli.IntFlag{Name: "upload-bytes", Value: c.UploadBytes, Destination: &c.UploadBytes, Sources: sources("upload-bytes"),
			Usage: "the greatest size of an uploaded picture in bytes"},
		&cli.IntFlag{Name: "upload-pixels", Value: c.UploadPixels, Destination: &c.UploadPixels, Sources: sources("upload-pixels"),
			Usage: "the greatest number of pixels of an uploaded picture"},
		&cli.DurationFlag{Name: "views-interval", Value: c.ViewsInterval, Destination: &c.ViewsInterval, Sources: sources("views-interval"),
			Usage: "how often view counts are written; a crash loses at most those of one interval"},
		&cli.StringFlag{Name: "log-format", Value: c.LogFormat, Destination: &c.LogFormat, Sources: sources("log-format"), Usage: "text or json"},
		&cli.StringFlag{Name: "log-level", Value: c.LogLevel, Destination: &c.LogLevel, Sources: sources("log-level"), Usage: "debug, info, warn or error"},
		&cli.DurationFlag{Name: "drain-pause", Destination: &c.DrainPause, Sources: sources("drain-pause"),
			Usage: "how long /readyz fails before the server stops listening, for load balancers"},
		SecretKeyFlag(c),
		&cli.StringSliceFlag{Name: "webhook-allow-network", Destination: &c.WebhookNetworks, Sources: sources("webhook-allow-network"),
			Usage: "a private network that webhooks, the captcha and --notice-url may reach, such as 10.20.0.0/16; may be repeated"},
		&cli.DurationFlag{Name: "webhook-interval", Value: c.WebhookInterval, Destination: &c.WebhookInterval, Sources: sources("webhook-interval"),
			Usage: "how often webhooks poll for changes of other processes"},
	}
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
