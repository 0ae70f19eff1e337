package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress returns the address of the client that sent r. X-Forwarded-For is read from
// the right, and the first address that is not a trusted proxy's is the client's. So a value
// that a client itself wrote there is never used.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := canonical(peer.Addr())
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
				return addr // the proxy did not know; use the last known hop
			}
			addr = next
		}
	}
	return addr
}

// cutLast splits a list at its last comma; more is false where there is none.
func cutLast(list string) (before, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	return list[:max(i, 0)], list[i+1:], i >= 0
}

// parseHop parses one element of X-Forwarded-For. Some proxies write the port, too.
func parseHop(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return canonical(withPort.Addr()), true
	}
	addr, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	return canonical(addr), err == nil
}

// canonical returns addr in its one form: IPv4 as IPv4, and without a zone.
func canonical(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}
