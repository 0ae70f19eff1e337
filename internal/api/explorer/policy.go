package explorer

import "strings"

// scrollLock is the hash of the one style element that GraphiQL adds to the page, to disable
// scrolling behind a dialog or menu. Its text is constant on a page that does not scroll. If a
// new version of GraphiQL has another text, the tests show the hash that the browser reports.
const scrollLock = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='"

// policy allows the page its own scripts, styles and pictures, and requests to its own origin.
// The browser tests check that the page needs no more.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' " + scrollLock,
	"connect-src 'self'",
	"img-src 'self' data:",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")
