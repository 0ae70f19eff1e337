// Package browsertest drives a headless Chromium from a Go test: it opens pages, types,
// clicks, waits with a deadline, and records every request and every problem of a page.
//
// It is imported by tests only. The tests of a package share one Chromium, and each has a
// tab with a new, empty profile of its own. The browser never reaches the network: every
// host name but loopback resolves to nothing. Nothing waits for a fixed time; each wait
// names a condition and ends with the test failing when the deadline passes.
//
// Where no Chromium is installed the test is skipped, and says what to install. With
// TONGGAO_BROWSER_TESTS=1 it fails instead, so that CI cannot pass without having opened a
// page.
package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Required names the environment variable that makes a missing Chromium a
// failure.
const Required = "TONGGAO_BROWSER_TESTS"

// deadline bounds one action. It is long, because many packages may be tested at the same
// time, and only passes where a test fails.
const deadline = 2 * time.Minute

// A Browser is one tab of Chromium. It belongs to the goroutine of the test that started it
// and is closed at the end of that test.
type Browser struct {
	t   testing.TB
	ctx context.Context
	log *record
}

// Start opens a tab with an empty profile until the end of the test.
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
	parent, err := shared.acquire(path)
	if err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	ctx, dispose, err := newTab(parent)
	t.Cleanup(func() {
		if err := errors.Join(dispose(), shared.release()); err != nil {
			t.Logf("close %s: %v", path, err)
		}
	})
	if err != nil {
		t.Fatalf("open a tab of %s: %v", path, err)
	}
	b := &Browser{t: t, ctx: ctx, log: &record{}}
	chromedp.ListenTarget(ctx, b.log.note)
	// The first Run opens the tab and ties it to the context it is given, so it must not
	// get the bounded one of Do.
	// Focus is emulated because the windows of several tests compete for it.
	if err := chromedp.Run(ctx, network.Enable(), emulation.SetFocusEmulationEnabled(true)); err != nil {
		t.Fatalf("open a tab of %s: %v", path, err)
	}
	return b
}

// newTab opens a window with a profile of its own. Headless Chromium opens no tab in a
// profile that has no window yet, as chromedp would do it.
func newTab(parent context.Context) (tab context.Context, dispose func() error, err error) {
	browser := cdp.WithExecutor(parent, chromedp.FromContext(parent).Browser)
	dispose = func() error { return nil }
	profile, err := target.CreateBrowserContext().Do(browser)
	if err != nil {
		return nil, dispose, err
	}
	dispose = func() error { return target.DisposeBrowserContext(profile).Do(browser) }
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(browser)
	if err != nil {
		return nil, dispose, err
	}
	tab, _ = chromedp.NewContext(parent, chromedp.WithTargetID(id))
	return tab, func() error {
		return errors.Join(chromedp.Cancel(tab), target.DisposeBrowserContext(profile).Do(browser))
	}, nil
}

// shared is the Chromium of this process: it runs while at least one test has a tab.
var shared process

type process struct {
	mu   sync.Mutex
	tabs int
	ctx  context.Context
	stop context.CancelFunc
}

// acquire starts Chromium where it does not run, and returns its context.
func (p *process) acquire(path string) (context.Context, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tabs == 0 {
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options(path)...)
		ctx, _ := chromedp.NewContext(allocator)
		if err := chromedp.Run(ctx); err != nil {
			stop()
			return nil, err
		}
		p.ctx, p.stop = ctx, stop
	}
	p.tabs++
	return p.ctx, nil
}

// release ends Chromium where no test has a tab any more.
func (p *process) release() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tabs--; p.tabs > 0 {
		return nil
	}
	defer p.stop()
	return chromedp.Cancel(p.ctx)
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

// options returns the flags of a browser without network. As none of them names a profile,
// chromedp creates an empty one and removes it.
func options(path string) []chromedp.ExecAllocatorOption {
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.WSURLReadTimeout(deadline),
		chromedp.Flag("headless", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("no-first-run", true),
		chromedp.Flag("no-default-browser-check", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-back-forward-cache", true), // chromedp finds no element in a page restored from it
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("in-process-gpu", true),        // fewer processes: starting them costs more than the tests
		chromedp.Flag("renderer-process-limit", "1"), // do in them
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	}
	// The sandbox of Chromium refuses to run as root, as which tests run in a container.
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.Flag("no-sandbox", true))
	}
	return flags
}

// Do runs the actions within the deadline and fails the test otherwise.
func (b *Browser) Do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, deadline)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v\nthe page shows: %s\nproblems so far: %q", what, err, b.shown(), b.Problems())
	}
}

// shown returns the visible text of the page, for the message of a failed wait.
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
