// Package redact hides most of a name or of a network address, as Chinese portals show
// them: 3a3d**** and 117.173.23.***.
//
// Redaction is idempotent, so that a caller need not know whether a text was redacted
// before. The package does not decide who sees what; package policy does.
package redact

import (
	"net/netip"
	"strings"
)

// Erased replaces the text of a comment whose author requested erasure.
const Erased = "（应本人要求删除）"

// Name returns at most the first half of a name, and not more than four characters,
// followed by four asterisks, which do not show its length.
func Name(name string) string {
	if strings.HasSuffix(name, "****") {
		return name
	}
	runes := []rune(name)
	return string(runes[:min(4, len(runes)/2)]) + "****"
}

// Address returns the network part of an address: three numbers of IPv4, the first 48
// bits of IPv6. It returns "" for anything that is not an address.
func Address(address string) string {
	if address == "" || strings.HasSuffix(address, "***") {
		return address
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		return ip.String()[:strings.LastIndexByte(ip.String(), '.')] + ".***"
	}
	groups := strings.Split(ip.StringExpanded(), ":")
	return strings.Join(groups[:3], ":") + ":***"
}
