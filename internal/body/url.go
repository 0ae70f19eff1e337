package body

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// Use selects the addresses that SafeURL accepts.
type Use uint8

// The uses of an address.
const (
	ForLink  Use = iota // http, https, mailto, tel, or a path from the root
	ForImage            // http, https, or a path from the root
)

// maxURL is the longest address in bytes; browsers and feeds cut longer ones.
const maxURL = 2048

// SafeURL returns an address in canonical form, or false for one that documents must not
// contain. It accepts http, https and paths from the root of the site (/a/b), for links
// also mailto and tel; //host/a becomes https. Characters that a URL must not contain are
// percent-encoded, so that & is the only character that needs escaping in any output.
func SafeURL(raw string, use Use) (string, bool) {
	s := forwardSlashes(strings.Map(dropBlank, strings.TrimSpace(raw)))
	if strings.HasPrefix(s, "//") {
		s = "https:" + s
	}
	if s == "" || len(s) > maxURL {
		return "", false
	}
	if s[0] == '/' {
		s = encode(s)
		return s, len(s) <= maxURL
	}
	scheme, rest, found := strings.Cut(s, ":")
	if !found {
		return "", false
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "http", "https":
		s, found = webURL(scheme, rest)
	case "mailto", "tel":
		rest = strings.TrimLeft(rest, "/")
		s, found = scheme+":"+encode(rest), use == ForLink && rest != ""
	default:
		return "", false
	}
	return s, found && len(s) <= maxURL
}

// dropBlank removes the characters that browsers remove inside of an address, which could
// hide its scheme.
func dropBlank(r rune) rune {
	if r < 0x20 || r == 0x7f || invisible(r) {
		return -1
	}
	return r
}

// forwardSlashes replaces backslashes in front of the query, as browsers do.
func forwardSlashes(s string) string {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	return strings.ReplaceAll(s[:end], `\`, "/") + s[end:]
}

// webURL canonicalises an address after its scheme, http or https.
func webURL(scheme, rest string) (string, bool) {
	rest, found := strings.CutPrefix(rest, "//")
	if !found {
		return "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, ok := cleanHost(rest[:end])
	return scheme + "://" + host + encode(rest[end:]), ok
}

// hosts converts the names of hosts as browsers do, which accept more than registries: _
// and -- at the third place.
var hosts = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

const hostBytes = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// cleanHost returns the host in ASCII with its port. User names and passwords in front of
// an @ are refused, because they can deceive readers about the host.
func cleanHost(host string) (string, bool) {
	if addr, err := netip.ParseAddrPort(host); err == nil {
		return addr.String(), true
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if addr.Is6() {
			return "[" + addr.WithZone("").String() + "]", true
		}
		return addr.String(), true
	}
	name, port, hasPort := strings.Cut(host, ":")
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	name, err := hosts.ToASCII(name)
	if err != nil || name == "" || strings.Trim(name, hostBytes) != "" || strings.Contains(name, "..") {
		return "", false
	}
	if !hasPort {
		return name, true
	}
	if port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	return name + ":" + port, true
}

// encode percent-encodes every byte that a URL must not contain, and a % without digits.
func encode(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if urlByte[c] || c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// urlByte holds the bytes that are not encoded: those of RFC 3986 without the quotes,
// brackets and parentheses that have a meaning in HTML, CSS or Markdown.
var urlByte = func() (table [256]bool) {
	const kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&*+,;="
	for i := range len(kept) {
		table[kept[i]] = true
	}
	return table
}()
