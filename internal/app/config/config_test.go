package config_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := config.Default().Validate(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*config.Config)
		want   string // empty: valid
	}{
		"any port":                   {func(c *config.Config) { c.Addr = ":0" }, ""},
		"no host and port":           {func(c *config.Config) { c.Addr = "8080" }, "--addr"},
		"no address":                 {func(c *config.Config) { c.Addr = "" }, "--addr"},
		"a bad admin address":        {func(c *config.Config) { c.AdminAddr = "metrics" }, "--admin-addr"},
		"a base URL":                 {func(c *config.Config) { c.BaseURL = "https://api.example.com" }, ""},
		"a base URL with a path":     {func(c *config.Config) { c.BaseURL = "https://api.example.com/v1" }, "--base-url"},
		"a base URL with a slash":    {func(c *config.Config) { c.BaseURL = "https://api.example.com/" }, "--base-url"},
		"a base URL with a password": {func(c *config.Config) { c.BaseURL = "https://a:b@api.example.com" }, "--base-url"},
		"a base URL without scheme":  {func(c *config.Config) { c.BaseURL = "api.example.com" }, "--base-url"},
		"any origin":                 {func(c *config.Config) { c.Origins = []string{"https://m.example.com", "*"} }, `--cors-origin "*"`},
		"any port of this machine":   {func(c *config.Config) { c.Origins = slices.Clone(config.LocalOrigins) }, ""},
		"any port elsewhere":         {func(c *config.Config) { c.Origins = []string{"https://m.example.com:*"} }, `--cors-origin "https://m.example.com:*"`},
		"any host of a domain":       {func(c *config.Config) { c.Origins = []string{"https://*.example.com"} }, `--cors-origin "https://*.example.com"`},
		"a bad proxy":                {func(c *config.Config) { c.TrustedProxies = []string{"10.0.0.1"} }, "--trusted-proxy"},
		"a bad webhook network":      {func(c *config.Config) { c.WebhookNetworks = []string{"intranet"} }, "--webhook-allow-network"},
		"a bad key":                  {func(c *config.Config) { c.SecretKey = "short" }, "TONGGAO_SECRET_KEY"},
		"PostgreSQL without a key":   {func(c *config.Config) { c.Database = "postgres://db/x" }, "openssl rand -base64 32"},
		"PostgreSQL in plain text":   {func(c *config.Config) { c.Database, c.AllowPlainText = "postgres://db/x", true }, ""},
		"the demo on PostgreSQL":     {func(c *config.Config) { c.Database, c.Demo = "postgres://db/x", true }, ""},
		"PostgreSQL with a key":      {func(c *config.Config) { c.Database, c.SecretKey = "postgres://db/x", seal.NewKey() }, ""},
		"a standby of SQLite":        {func(c *config.Config) { c.Standbys = []string{"postgres://db2/x"} }, "--database-replica"},
		"a standby twice":            {func(c *config.Config) { c.Standbys = []string{"postgres://db2/x", "postgres://db2/x"} }, "given twice"},
		"no lag at all":              {func(c *config.Config) { c.MaxLag = 0 }, "--replica-max-lag"},
		"webhooks without a pause":   {func(c *config.Config) { c.WebhookInterval = 0 }, "--webhook-interval"},
		"too little cost":            {func(c *config.Config) { c.CostLimit = 99 }, "--cost-limit"},
		"no rate limit":              {func(c *config.Config) { c.RateLimit, c.WriteLimit = 0, 0 }, ""},
		"a negative rate limit":      {func(c *config.Config) { c.RateLimit = -1 }, "--rate-limit"},
		"a negative write limit":     {func(c *config.Config) { c.WriteLimit = -1 }, "--write-limit"},
		"a checker":                  {func(c *config.Config) { c.CheckerURL = "http://127.0.0.1:9000/check" }, ""},
		"a checker without host":     {func(c *config.Config) { c.CheckerURL = "check" }, "--checker-url"},
		"a captcha":                  {func(c *config.Config) { c.CaptchaURL, c.CaptchaSecret = "https://captcha.example.com/verify", "s" }, ""},
		"a captcha without secret":   {func(c *config.Config) { c.CaptchaURL = "https://captcha.example.com/verify" }, "--captcha-secret"},
		"a captcha by FTP":           {func(c *config.Config) { c.CaptchaURL, c.CaptchaSecret = "ftp://captcha.example.com", "s" }, "--captcha-url"},
		"notices to nowhere":         {func(c *config.Config) { c.NoticeURL = "duty" }, "--notice-url"},
		"a bad notice secret":        {func(c *config.Config) { c.NoticeSecret = "secret" }, "--notice-secret"},
		"half of WeChat":             {func(c *config.Config) { c.WechatAppID = "wx1" }, "--wechat-secret"},
		"a short retention":          {func(c *config.Config) { c.Retention = time.Minute }, "--retention"},
		"addresses for a month":      {func(c *config.Config) { c.PersonalData = 30 * 24 * time.Hour }, "网络安全法"},
		"no place for pictures":      {func(c *config.Config) { c.MediaDir = "" }, "--media-dir"},
		"half of a bucket":           {func(c *config.Config) { c.MediaS3.Endpoint = "https://s3.example.com" }, "--media-s3-endpoint"},
		"a bucket": {func(c *config.Config) {
			c.MediaDir, c.MediaS3 = "", config.S3{Endpoint: "https://s3.example.com", Bucket: "media", AccessKey: "a", SecretKey: "s"}
		}, ""},
		"tiny uploads":          {func(c *config.Config) { c.UploadBytes = 1 }, "--upload-bytes"},
		"huge uploads":          {func(c *config.Config) { c.UploadBytes = 1 << 30 }, "--upload-bytes"},
		"no pixels":             {func(c *config.Config) { c.UploadPixels = 0 }, "--upload-pixels"},
		"views all the time":    {func(c *config.Config) { c.ViewsInterval = time.Millisecond }, "--views-interval"},
		"an unknown log format": {func(c *config.Config) { c.LogFormat = "xml" }, "--log-format"},
		"an unknown log level":  {func(c *config.Config) { c.LogLevel = "loud" }, "--log-level"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := config.Default()
			c.change(&settings)
			err := settings.Validate()
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (!fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("want %s, got %v", c.want, err)
			}
		})
	}
}

// TestValidateReportsAll checks that one run reports every mistake.
func TestValidateReportsAll(t *testing.T) {
	t.Parallel()
	err := config.Config{}.Validate()
	for _, flag := range []string{"--addr", "--webhook-interval", "--cost-limit", "--retention", "--media-dir", "--upload-bytes", "--log-format"} {
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("no %s in %v", flag, err)
		}
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError} {
		if got, err := (config.Config{LogLevel: text}).Level(); got != want || err != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"sqlite:data/tonggao.db":                  "sqlite:data/tonggao.db",
		"postgres://u:zqpass@db/x":                "postgres://u:xxxxx@db/x",
		"postgres://db/x?user=u&password=zqpass":  "postgres://db/x?password=xxxxx&user=u",
		"postgres://u:zqpass@db:port/x":           "postgres:…", // not an address, so nothing of it is shown
		"https://hook.example.com/duty?password=": "https://hook.example.com/duty?password=xxxxx",
	} {
		if got := config.Redact(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestOrigin shows nothing of an address that may be secret.
func TestOrigin(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://robot.example/send?access_token=zq1": "https://robot.example", "http://u:zq@10.0.0.7:8080/zq": "http://10.0.0.7:8080", "": "", "zq": "", "::zq": "",
	} {
		if got := config.Origin(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestDump prints every setting of the flags but secrets, and no secret.
func TestDump(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Database, c.CaptchaSecret, c.WechatSecret, c.NoticeSecret, c.SecretKey = "postgres://u:zq1@db/x", "zq2", "zq3", "zq4", "zq5"
	c.MediaS3 = config.S3{Endpoint: "https://s3.example.com", Bucket: "b", AccessKey: "zq6", SecretKey: "zq7"}
	c.NoticeURL, c.CheckerURL, c.CaptchaURL = "https://robot.example/zq8?token=zq9", "https://a.example/?zqa", "https://b.example/zqb"
	dump := c.Dump()
	if strings.Contains(dump, "zq") {
		t.Errorf("a secret is in\n%s", dump)
	}
	hidden := map[string]bool{"captcha-secret": true, "wechat-secret": true, "wechat-url": true, "notice-secret": true, "secret-key": true,
		"media-s3-region": true, "media-s3-access-key": true, "media-s3-secret-key": true}
	for _, f := range config.ServeFlags(new(config.Config)) {
		name := f.Names()[0]
		if shown := strings.Contains("\n"+dump, "\n"+name+" "); shown == hidden[name] {
			t.Errorf("%s is printed: %v", name, shown)
		}
	}
}

// TestServeFlags sets every flag, by the command line and by the environment: each changes
// one field of its own.
func TestServeFlags(t *testing.T) {
	defaults := config.Default()
	values := map[string]string{}
	for _, f := range config.ServeFlags(new(config.Config)) {
		values[f.Names()[0]] = map[string]string{"demo": "true", "allow-plain-text": "true", "read-only": "true", "explorer": "true", "retention": "2h", "personal-data-retention": "9000h",
			"views-interval": "7s", "replica-max-lag": "7s", "drain-pause": "7s", "webhook-interval": "7s", "cost-limit": "777", "rate-limit": "777", "point-rate": "777", "point-burst": "77777", "answer-bytes": "777", "response-cache": "777", "write-bytes": "777", "report-file-bytes": "777", "write-limit": "777",
			"upload-bytes": "777", "upload-pixels": "777"}[f.Names()[0]]
		if values[f.Names()[0]] == "" {
			values[f.Names()[0]] = "value-" + f.Names()[0]
		}
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			byFlag := parse(t, "--"+name+"="+value)
			if changed := changedFields(defaults, byFlag); len(changed) != 1 {
				t.Errorf("--%s changes %v", name, changed)
			}
			variable := "TONGGAO_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			t.Setenv(variable, value)
			if diff := cmp.Diff(byFlag, parse(t)); diff != "" {
				t.Errorf("%s differs from the flag: %s", variable, diff)
			}
			if err := os.Unsetenv(variable); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "value")
			if err := os.WriteFile(file, []byte(value+"\r\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv(variable+"_FILE", file)
			if diff := cmp.Diff(byFlag, parse(t)); diff != "" {
				t.Errorf("%s_FILE differs from the flag: %s", variable, diff)
			}
		})
	}
}

// parse returns the settings of a command line.
func parse(t *testing.T, args ...string) config.Config {
	t.Helper()
	c := config.Default()
	command := &cli.Command{Name: "serve", Flags: config.ServeFlags(&c), Action: func(context.Context, *cli.Command) error { return nil }}
	if err := command.Run(t.Context(), append([]string{"serve"}, args...)); err != nil {
		t.Fatal(err)
	}
	return c
}

// changedFields returns the names of the fields in which two settings differ.
func changedFields(a, b config.Config) (names []string) {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if v, w := x.Field(i).Interface(), y.Field(i).Interface(); !reflect.DeepEqual(v, w) && x.Field(i).Kind() != reflect.Slice ||
			x.Field(i).Kind() == reflect.Slice && x.Field(i).Len() != y.Field(i).Len() {
			names = append(names, x.Type().Field(i).Name)
		}
	}
	return names
}

func TestCheckFiles(t *testing.T) {
	if err := config.CheckFiles(); err != nil {
		t.Fatalf("without variables: %v", err)
	}
	file := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(file, []byte("sqlite:a.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TONGGAO_DATABASE_FILE", file)
	t.Setenv("OTHER_FILE", "missing") // of another program
	if err := config.CheckFiles(); err != nil {
		t.Errorf("a file that exists: %v", err)
	}
	t.Setenv("TONGGAO_DATABASE", "sqlite:b.db")
	if err := config.CheckFiles(); !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), "both set") {
		t.Errorf("set twice: %v", err)
	}
	t.Setenv("TONGGAO_WECHAT_SECRET_FILE", file+".missing")
	if err := config.CheckFiles(); err == nil || !strings.Contains(err.Error(), file+".missing, which cannot be read") && !strings.Contains(err.Error(), "both set") {
		t.Errorf("a missing file: %v", err)
	}
}
