// Package mask hides most of a name or of a network address, the way Chinese
// portals print them: 3a3d**** and 117.173.23.***.
//
// Masking twice gives the same as masking once, so no layer has to know whether
// another has already done it.
package redact

import (
	"net/netip"
	"strings"
)

// Gone stands where the words of somebody stood who asked to be forgotten.
const Erased = "（应本人要求删除）"

// Name keeps at most the first half of a name and never more than four
// characters; four asterisks stand for the rest, whatever its length.
func Name(name string) string {
	if strings.HasSuffix(name, "****") {
		return name
	}
	runes := []rune(name)
	return string(runes[:min(4, len(runes)/2)]) + "****"
}

// Address keeps the network part of an address: three numbers of IPv4, the
// first 48 bits of IPv6. What is not an address becomes empty.
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
