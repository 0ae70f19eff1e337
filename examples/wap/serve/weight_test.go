package serve_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/tonggao/tonggao/internal/testkit/browsertest"
)

// edge is a phone's connection in a poor place: 400 kbit/s and 100 ms.
var edge = network.Conditions{Latency: 100, DownloadThroughput: 50_000, UploadThroughput: 50_000}

// throttle makes the network of a page as slow as edge, and the processor four times slower.
func throttle(b *browsertest.Browser) {
	b.Do("throttle the network and the processor", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := network.EmulateNetworkConditionsByRule(false, []*network.Conditions{&edge}).Do(ctx)
		return err
	}), emulation.SetCPUThrottlingRate(4))
}

// timing is what the browser measured of one load of an article page.
type timing struct {
	Moved          int     // bytes with headers, without pictures
	First, Largest float64 // milliseconds until the first paint of content and of the largest
}

// load opens an article page and measures it.
func load(b *browsertest.Browser, address string) (m timing) {
	b.Open(address)
	b.Wait(".comments .remark")
	b.Evaluate(`new Promise(done => new PerformanceObserver(l => done(window.lcp = l.getEntries().at(-1).startTime))
		.observe({type: "largest-contentful-paint", buffered: true})), 0`, nil)
	b.Until(`window.lcp && performance.getEntriesByName("first-contentful-paint").length`)
	b.Evaluate(`(() => {
		const got = performance.getEntriesByType("resource").filter(e => e.initiatorType !== "img" && !e.name.startsWith("data:"));
		return { Moved: performance.getEntriesByType("navigation")[0].transferSize + got.reduce((n, e) => n + e.transferSize, 0),
			First: performance.getEntriesByName("first-contentful-paint")[0].startTime, Largest: window.lcp };
	})()`, &m)
	return m
}

// TestWeight checks that the article page transfers less than 60 KB.
func TestWeight(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	_, slug := subject(t, p)
	m := load(phone(t), home+"/a/"+slug)
	if m.Moved == 0 || m.Moved >= 60_000 {
		t.Errorf("the article page moved %d bytes", m.Moved)
	}
	t.Logf("%+v", m)
}

// BenchmarkArticlePage opens the article page over 400 kbit/s on a processor four
// times slower, and prints what the browser measured.
func BenchmarkArticlePage(b *testing.B) {
	p, home := reading(b)
	_, slug := subject(b, p)
	for range b.N {
		page := phone(b)
		throttle(page)
		m := load(page, home+"/a/"+slug)
		b.ReportMetric(float64(m.Moved), "bytes")
		b.ReportMetric(m.First, "fcp-ms")
		b.ReportMetric(m.Largest, "lcp-ms")
	}
}
