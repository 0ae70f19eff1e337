package egress_test

import (
	"net/netip"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/egress"
)

// forbidden lists internal addresses in all notations of an IP address.
var forbidden = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254",
	"127.0.0.1", "127.1.2.3", "127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2",
	"172.16.0.1", "172.31.255.254", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.254",
	"198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	"168.63.129.16", "192.31.196.1", "192.52.193.1", "192.175.48.1",
	"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1",
	"::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "100::1",
	"2001::1", "2001:0:53aa:64c:0:fbff:80ff:fffe", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
	"2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:1::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "4000::1",
	"fc00::1", "fd00:ec2::254", "fdff:ffff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for _, text := range forbidden {
		if egress.Public(netip.MustParseAddr(text)) == nil {
			t.Errorf("%s counts as public", text)
		}
	}
	if n := len(forbidden); n < 60 {
		t.Errorf("only %d addresses", n)
	}
	for _, text := range []string{"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
		"172.15.255.255", "172.32.0.1", "192.167.255.255", "198.17.255.255", "198.20.0.1", "223.255.255.254", "::ffff:8.8.8.8",
		"2606:4700:4700::1111", "2400:3200::1", "2a00:1450::1", "2001:4860:4860::8888", "2003::1"} {
		if err := egress.Public(netip.MustParseAddr(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzPublic compares Public with the standard library, and the result for an IPv4 address
// with that for its IPv4-mapped IPv6 form.
func FuzzPublic(f *testing.F) {
	for _, text := range forbidden {
		a := netip.MustParseAddr(text).WithZone("")
		f.Add(a.AsSlice())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, ok := netip.AddrFromSlice(raw)
		if !ok || egress.Public(a) != nil {
			return
		}
		u := a.Unmap()
		if u.IsPrivate() || u.IsLoopback() || u.IsLinkLocalUnicast() || u.IsMulticast() || u.IsUnspecified() || !u.IsGlobalUnicast() {
			t.Errorf("%s counts as public", a)
		}
		if u.Is4() && egress.Public(netip.AddrFrom16(u.As16())) != nil {
			t.Errorf("%s is not public as an IPv4-mapped address", u)
		}
	})
}
