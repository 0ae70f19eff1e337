package config

import (
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// DatabaseFlag is --database, which nearly every command takes.
func DatabaseFlag(c *Config) cli.Flag {
	return &cli.StringFlag{Name: "database", Value: c.Database, Destination: &c.Database, Sources: sources("database"),
		Usage: "sqlite:PATH or postgres://USER@HOST/NAME"}
}

// SecretKeyFlag is --secret-key, for every command that reads or writes what is sealed.
func SecretKeyFlag(c *Config) cli.Flag {
	return &cli.StringFlag{Name: "secret-key", Destination: &c.SecretKey, Sources: sources("secret-key"),
		Usage: "32 random bytes in base64, to seal secrets with; several, separated by commas, for rotation; give it by TONGGAO_SECRET_KEY or its _FILE; empty: a file beside the SQLite database"}
}

// ServeFlags is the flags of `tonggao serve`.
func ServeFlags(c *Config) []cli.Flag {
	return []cli.Flag{
		DatabaseFlag(c),
		&cli.StringFlag{Name: "addr", Value: c.Addr, Destination: &c.Addr, Sources: sources("addr"),
			Usage: "where to listen; port 0 takes a free one"},
		&cli.StringFlag{Name: "admin-addr", Destination: &c.AdminAddr, Sources: sources("admin-addr"),
			Usage: "where to serve /metrics and profiles; keep it private; empty: nowhere"},
		&cli.StringFlag{Name: "base-url", Destination: &c.BaseURL, Sources: sources("base-url"),
			Usage: "how clients reach the server, such as https://api.example.com"},
		&cli.BoolFlag{Name: "demo", Destination: &c.Demo, Sources: sources("demo"),
			Usage: "fill an empty database with a portal to look at; implies --explorer"},
		&cli.BoolFlag{Name: "explorer", Destination: &c.Explorer, Sources: sources("explorer"),
			Usage: "serve GraphiQL at / and answer introspection"},
		&cli.StringSliceFlag{Name: "cors-origin", Destination: &c.Origins, Sources: sources("cors-origin"),
			Usage: "a web origin that may call the API, exactly; may be repeated"},
		&cli.StringSliceFlag{Name: "trusted-proxy", Destination: &c.TrustedProxies, Sources: sources("trusted-proxy"),
			Usage: "a network of proxies whose X-Forwarded-For is believed; may be repeated"},
		&cli.IntFlag{Name: "cost-limit", Value: c.CostLimit, Destination: &c.CostLimit, Sources: sources("cost-limit"),
			Usage: "the most that one request may cost; extensions.cost shows what one costs"},
		&cli.IntFlag{Name: "rate-limit", Value: c.RateLimit, Destination: &c.RateLimit, Sources: sources("rate-limit"),
			Usage: "requests a second from one address; 0: no limit"},
		&cli.IntFlag{Name: "write-limit", Value: c.WriteLimit, Destination: &c.WriteLimit, Sources: sources("write-limit"),
			Usage: "comments and reports a minute from one address or one reader's token; 0: no limit"},
		&cli.StringSliceFlag{Name: "words", Destination: &c.Words, Sources: sources("words"),
			Usage: "a file with words that comments are checked against, one a line; may be repeated"},
		&cli.StringFlag{Name: "calendar", Destination: &c.Calendar, Sources: sources("calendar"),
			Usage: "a file with the holidays and worked weekends of more years; docs/reports.md has its form"},
		&cli.StringSliceFlag{Name: "ip-regions", Destination: &c.IPRegions, Sources: sources("ip-regions"),
			Usage: "a file that knows the regions of network addresses, .xdb of ip2region or .mmdb; may be repeated, for IPv4 and IPv6"},
		&cli.StringFlag{Name: "checker-url", Destination: &c.CheckerURL, Sources: sources("checker-url"),
			Usage: "a program that looks at each comment over HTTP; docs/comments.md has the protocol"},
		&cli.StringFlag{Name: "captcha-url", Destination: &c.CaptchaURL, Sources: sources("captcha-url"),
			Usage: "the siteverify address of a captcha that comments and reports without a token must have solved"},
		&cli.StringFlag{Name: "captcha-secret", Destination: &c.CaptchaSecret, Sources: sources("captcha-secret"),
			Usage: "its secret; better in TONGGAO_CAPTCHA_SECRET_FILE"},
		&cli.StringFlag{Name: "wechat-appid", Destination: &c.WechatAppID, Sources: sources("wechat-appid"),
			Usage: "the mini-program whose comments WeChat's msg_sec_check looks at"},
		&cli.StringFlag{Name: "wechat-secret", Destination: &c.WechatSecret, Sources: sources("wechat-secret"),
			Usage: "its secret; better in TONGGAO_WECHAT_SECRET_FILE"},
		&cli.StringFlag{Name: "wechat-url", Destination: &c.WechatURL, Sources: sources("wechat-url"),
			Usage: "where WeChat answers, for those behind a proxy"},
		&cli.StringFlag{Name: "notice-url", Destination: &c.NoticeURL, Sources: sources("notice-url"),
			Usage: "a program of yours that is told of new reports and of deadlines; docs/reports.md has the form"},
		&cli.StringFlag{Name: "notice-secret", Destination: &c.NoticeSecret, Sources: sources("notice-secret"),
			Usage: "whsec_ and random bytes in base64, to sign what it is told; better in TONGGAO_NOTICE_SECRET_FILE"},
		&cli.DurationFlag{Name: "retention", Value: c.Retention, Destination: &c.Retention, Sources: sources("retention"),
			Usage: "how long the change log keeps what something later replaced; who follows it must come back sooner"},
		&cli.DurationFlag{Name: "personal-data-retention", Value: c.PersonalData, Destination: &c.PersonalData, Sources: sources("personal-data-retention"),
			Usage: "after how long the addresses that comments and articles came from, and who filed a closed report, are erased"},
		&cli.StringFlag{Name: "media-dir", Value: c.MediaDir, Destination: &c.MediaDir, Sources: sources("media-dir"),
			Usage: "the folder for uploaded pictures; made when it is needed"},
		&cli.StringFlag{Name: "media-s3-endpoint", Destination: &c.MediaS3.Endpoint, Sources: sources("media-s3-endpoint"),
			Usage: "an S3-compatible storage for them instead, such as https://s3.example.com"},
		&cli.StringFlag{Name: "media-s3-bucket", Destination: &c.MediaS3.Bucket, Sources: sources("media-s3-bucket"),
			Usage: "its bucket, which must exist and may be private"},
		&cli.StringFlag{Name: "media-s3-region", Destination: &c.MediaS3.Region, Sources: sources("media-s3-region"),
			Usage: "its region, where it has one"},
		&cli.StringFlag{Name: "media-s3-access-key", Destination: &c.MediaS3.AccessKey, Sources: sources("media-s3-access-key"),
			Usage: "the name of the key to it"},
		&cli.StringFlag{Name: "media-s3-secret-key", Destination: &c.MediaS3.SecretKey, Sources: sources("media-s3-secret-key"),
			Usage: "the key; better in TONGGAO_MEDIA_S3_SECRET_KEY_FILE"},
		&cli.IntFlag{Name: "upload-bytes", Value: c.UploadBytes, Destination: &c.UploadBytes, Sources: sources("upload-bytes"),
			Usage: "the most bytes of an uploaded picture"},
		&cli.IntFlag{Name: "upload-pixels", Value: c.UploadPixels, Destination: &c.UploadPixels, Sources: sources("upload-pixels"),
			Usage: "the most pixels of one, width times height"},
		&cli.DurationFlag{Name: "views-interval", Value: c.ViewsInterval, Destination: &c.ViewsInterval, Sources: sources("views-interval"),
			Usage: "how often counted views are written; at most so many are lost in a crash"},
		&cli.StringFlag{Name: "log-format", Value: c.LogFormat, Destination: &c.LogFormat, Sources: sources("log-format"), Usage: "text or json"},
		&cli.StringFlag{Name: "log-level", Value: c.LogLevel, Destination: &c.LogLevel, Sources: sources("log-level"), Usage: "debug, info, warn or error"},
		&cli.DurationFlag{Name: "drain-pause", Destination: &c.DrainPause, Sources: sources("drain-pause"),
			Usage: "how long /readyz says no before the server stops listening; for load balancers"},
		SecretKeyFlag(c),
		&cli.StringSliceFlag{Name: "webhook-allow-network", Destination: &c.WebhookNetworks, Sources: sources("webhook-allow-network"),
			Usage: "a network of webhook receivers, of the captcha or of --notice-url, that is not public, such as 10.20.0.0/16; may be repeated"},
		&cli.DurationFlag{Name: "webhook-interval", Value: c.WebhookInterval, Destination: &c.WebhookInterval, Sources: sources("webhook-interval"),
			Usage: "how often webhooks look for changes that another process wrote"},
	}
}

// sources is where a flag's value comes from when it is not on the command line.
func sources(flag string) cli.ValueSourceChain {
	name := "TONGGAO_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	return cli.NewValueSourceChain(cli.EnvVar(name), fileNamedBy(name+"_FILE"))
}

// CheckFiles fails where an environment variable names a file that cannot be read,
// or a setting is given both ways: a secret that is mistyped must not turn into
// the default.
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

// fileNamedBy reads a value from the file that an environment variable names: the
// way container platforms hand over secrets.
type fileNamedBy string

// Lookup reads the file, without the line break at its end.
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
