// Package browsertest drives a headless Chromium from a Go test: it opens
// pages, types, clicks, waits with a deadline, and records everything that a
// page asked for or complained about.
//
// It is imported by tests only. It never reaches the network: every host name
// but loopback resolves to nothing, and each browser has a new, empty profile.
// Nothing waits for a fixed time; each wait names a condition
// and ends with the test failing when the deadline passes.
//
// Where no Chromium is installed the test is skipped, and says what to install.
// With TONGGAO_BROWSER_TESTS=1 it fails instead, so a continuous build cannot
// go green without having opened a page.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Required names the environment variable that makes a missing Chromium a
// failure.
const Required = "TONGGAO_BROWSER_TESTS"

// deadline bounds one action: generous, because a continuous build may run many
// suites beside the browser.
const deadline = 90 * time.Second

// Browser is one Chromium with one open tab. It belongs to the goroutine of the
// test that started it and ends with that test.
type Browser struct {
	t   testing.TB
	ctx context.Context
	log *record
}

// Start runs a Chromium with an empty profile for the length of the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	path, found := chromium()
	if !found {
		const missing = "no Chromium on the PATH: install the package chromium (apt-get install chromium)"
		if os.Getenv(Required) == "1" {
			t.Fatalf("%s; %s=1 requires it", missing, Required)
		}
		t.Skip(missing)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options(path)...)
	ctx, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close %s: %v", path, err)
		}
		stop()
	})
	b := &Browser{t: t, ctx: ctx, log: &record{}}
	chromedp.ListenTarget(ctx, b.log.note)
	// The first Run starts the process and ties it to the context it is given,
	// so it must not get the bounded one of do.
	if err := chromedp.Run(ctx, network.Enable()); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return b
}

// chromium finds the browser by the names that distributions give it.
func chromium() (string, bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// options are the flags of a browser that is alone with the page under test. As
// none of them names a profile, chromedp makes an empty one and removes it.
func options(path string) []chromedp.ExecAllocatorOption {
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.WSURLReadTimeout(deadline),
		chromedp.Flag("headless", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("no-first-run", true),
		chromedp.Flag("no-default-browser-check", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	}
	// The sandbox of Chromium refuses to run as root, which is who runs tests
	// inside a container.
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.Flag("no-sandbox", true))
	}
	return flags
}

// do runs the actions within the deadline and fails the test otherwise.
func (b *Browser) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, deadline)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v\nthe page shows: %s\nproblems so far: %q", what, err, b.shown(), b.Problems())
	}
}

// shown is what a reader would see now, for the message of a failed wait.
func (b *Browser) shown() string {
	const enough = 600
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	var text string
	if err := chromedp.Run(ctx, chromedp.Evaluate(`document.body ? document.body.innerText : ""`, &text)); err != nil {
		return "(no answer: " + err.Error() + ")"
	}
	if r := []rune(text); len(r) > enough {
		text = string(r[:enough]) + "…"
	}
	return text
}
