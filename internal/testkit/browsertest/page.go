package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/chromedp"
)

// Open loads the address and waits for the page's load event.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.Do("open "+address, chromedp.Navigate(address))
}

// Back goes to the page before this one and waits for its load event.
func (b *Browser) Back() {
	b.t.Helper()
	b.Do("go back", chromedp.NavigateBack())
}

// Wait waits until an element that matches the CSS selector is visible.
func (b *Browser) Wait(selector string) {
	b.t.Helper()
	b.Do("wait for "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery))
}

// WaitText waits until the visible text of the first element that matches the
// CSS selector contains the text.
func (b *Browser) WaitText(selector, text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("document.querySelector(%s)?.innerText.includes(%s)", quoted(selector), quoted(text)))
}

// Until waits until the JavaScript expression is truthy. It is tried again
// after each drawn frame, and on the next page if the browser leaves this one in the meantime.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	poll := chromedp.Poll(expression, nil, chromedp.WithPollingTimeout(deadline))
	b.Do("wait until "+expression, chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			var refused *cdproto.Error
			err := poll.Do(ctx)
			if !errors.As(err, &refused) || refused.Code != leftPage || ctx.Err() != nil {
				return err
			}
		}
	}))
}

// leftPage is the code of the browser's error when a page is left during a command.
const leftPage = -32000

// Click scrolls to the first visible element that matches the CSS selector and
// clicks its middle with the mouse.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.Do("click "+selector, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// Type focuses the first element that matches the CSS selector and types the
// text with the keyboard. The constants of chromedp/kb are the special keys.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.Do("type into "+selector, chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// Press presses keys wherever the keyboard is.
func (b *Browser) Press(keys string) {
	b.t.Helper()
	b.Do("press "+keys, chromedp.KeyEvent(keys))
}

// Text returns the visible text of the first element that matches the CSS
// selector.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	var text string
	b.Do("read "+selector, chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// Evaluate runs the JavaScript expression and decodes its value into result,
// which is a pointer, or nil where the value does not matter.
func (b *Browser) Evaluate(expression string, result any) {
	b.t.Helper()
	b.Do("evaluate "+expression, chromedp.Evaluate(expression, result))
}

// Screenshot writes what the viewport shows to a PNG file.
func (b *Browser) Screenshot(path string) {
	b.t.Helper()
	var png []byte
	b.Do("take a screenshot", chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Fatalf("write the screenshot: %v", err)
	}
}

// Viewport sets the size of the page in CSS pixels. A width below 600 is shown
// as a phone shows it: touch, and the page's viewport declaration counts.
func (b *Browser) Viewport(width, height int64) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.Do("set the viewport", chromedp.EmulateViewport(width, height, options...))
}

// quoted writes a Go string as a JavaScript literal.
func quoted(s string) string {
	literal, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(literal)
}
