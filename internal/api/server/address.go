package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress is the address that a request comes from. X-Forwarded-For is
// believed only as far as the proxies that wrote it are trusted: it is read from
// the right, and the first address that is not a trusted proxy's is the client's.
// What a client itself puts there is never reached.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := plain(peer.Addr())
	for _, line := range slices.Backward(r.Header.Values("X-Forwarded-For")) {
		for more := true; more; {
			if !isTrusted(addr, trusted) {
				return addr
			}
			var hop string
			if line, hop, more = cutLast(line); strings.TrimSpace(hop) == "" {
				continue
			}
			next, ok := parseHop(hop)
			if !ok {
				return addr // whoever wrote that did not know; the last known hop answers for it
			}
			addr = next
		}
	}
	return addr
}

// cutLast is the last element of a list with commas, and what is before it.
func cutLast(list string) (before, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	return list[:max(i, 0)], list[i+1:], i >= 0
}

// parseHop reads one element of X-Forwarded-For. Some proxies write the port too.
func parseHop(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return plain(withPort.Addr()), true
	}
	addr, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	return plain(addr), err == nil
}

// plain is the one form of an address: IPv4 as IPv4, and without a zone.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}
