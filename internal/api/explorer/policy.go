package explorer

import "strings"

// scrollLock is the hash of the one style element that GraphiQL writes into the
// page: it keeps the page still behind a dialog or a menu. Its text does not
// change on a page that does not scroll. A new version of GraphiQL may bring
// another text; then the tests show the hash that the browser asks for.
const scrollLock = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='"

// policy lets the page load its own scripts, styles and pictures, and talk to
// its own origin. The browser tests prove that the page needs no more.
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
