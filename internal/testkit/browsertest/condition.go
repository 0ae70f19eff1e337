package browsertest

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Network is the connection that a page is loaded over. Rates are bytes a
// second; a rate of zero is unlimited.
type Network struct {
	Latency  time.Duration
	Download float64
	Upload   float64
}

// SlowPhone is the connection of a phone at the edge of its cell: 1.6 Mbit/s
// down, 750 kbit/s up and 150 ms of latency.
var SlowPhone = Network{Latency: 150 * time.Millisecond, Download: 200_000, Upload: 93_750}

// Viewport sets the size of the page in CSS pixels. A width below 600 is shown
// as a phone shows it: touch, and the page's viewport declaration counts.
func (b *Browser) Viewport(width, height int64) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.do("set the viewport", chromedp.EmulateViewport(width, height, options...))
}

// Throttle slows the network of the page down. The zero Network lifts it.
func (b *Browser) Throttle(n Network) {
	b.t.Helper()
	const offline = false
	all := []*network.Conditions{{
		Latency:            float64(n.Latency) / float64(time.Millisecond),
		DownloadThroughput: unlimited(n.Download),
		UploadThroughput:   unlimited(n.Upload),
	}}
	b.do("throttle the network", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := network.EmulateNetworkConditionsByRule(offline, all).Do(ctx)
		return err
	}))
}

// unlimited returns the rate as the browser expects it: -1 for no limit.
func unlimited(rate float64) float64 {
	if rate == 0 {
		return -1
	}
	return rate
}

// SlowCPU makes the page's processor slower by the factor; 1 is full speed.
func (b *Browser) SlowCPU(factor float64) {
	b.t.Helper()
	b.do("slow the processor down", emulation.SetCPUThrottlingRate(factor))
}
