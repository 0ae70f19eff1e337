package egress

import (
	"errors"
	"fmt"
	"net/netip"
)

// ErrForbidden is wrapped by every error about an address that the client must not dial.
var ErrForbidden = errors.New("the address is not allowed")

// reserved lists the networks inside of the unicast ranges that have no public hosts, or
// embed the address of another host (IANA's special-purpose registries), and the metadata
// services that clouds offer on public addresses.
var reserved = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
	"192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32",                                             // Azure's metadata
	"2001::/23",                                                    // IETF protocols: Teredo, benchmarking, ORCHID
	"2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", // documentation, 6to4, AS112
)

// global is the only part of IPv6 that is assigned to hosts; the rest is loopback,
// link-local, unique local, NAT64, multicast or not assigned.
var global = netip.MustParsePrefix("2000::/3")

// prefixes parses networks.
func prefixes(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// Public returns an error that wraps ErrForbidden unless a is the address of a public
// host.
func Public(a netip.Addr) error {
	if !a.IsValid() {
		return fmt.Errorf("%w: it is empty", ErrForbidden)
	}
	if a.Zone() != "" {
		return fmt.Errorf("%w: %s has a zone", ErrForbidden, a)
	}
	a = a.Unmap()
	if a.Is6() && !global.Contains(a) {
		return fmt.Errorf("%w: %s is not a public address", ErrForbidden, a)
	}
	for _, network := range reserved {
		if network.Contains(a) {
			return fmt.Errorf("%w: %s is in %s, which is not public", ErrForbidden, a, network)
		}
	}
	return nil
}

// Networks are allowed by the operator in addition to public hosts.
type Networks []netip.Prefix

// Contains reports whether a is in one of the networks.
func (n Networks) Contains(a netip.Addr) bool {
	for _, network := range n {
		if network.Contains(a.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
