// Package geoip finds the region of a network address: the province inside of China,
// the country or region outside. China's rules on accounts require it to be shown with
// published comments and articles (互联网用户账号信息管理规定, art. 12).
//
// The data comes from the operator: files of ip2region (.xdb) and in MaxMind's format
// (.mmdb), read once into memory and safe for concurrent use. Addresses that no file has
// are without a region; nothing is guessed. Damaged parts of a file find nothing and
// never panic.
package geoip

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// place is the entry of a file for an address.
type place struct {
	code     string // of the country, ISO 3166-1; empty where the file has only a name
	country  string
	province string // as the file has it, or the part of ISO 3166-2 behind "CN-"
}

// source reads one file.
type source interface {
	find(address netip.Addr) (place, bool)
}

// Finder finds regions in the given files.
type Finder struct{ sources []source }

// Open reads files. The first one that has an address decides, so that one for IPv4 and
// one for IPv6 can be combined.
func Open(files ...string) (*Finder, error) {
	f := &Finder{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "--ip-regions: the file %s cannot be read; check the path and its permissions", name)
		}
		s, err := read(content)
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "--ip-regions: %s is neither a .xdb of ip2region nor a .mmdb of cities or countries: %v", name, err)
		}
		f.sources = append(f.sources, s)
	}
	return f, nil
}

// read detects the format.
func read(content []byte) (source, error) {
	m, err := readMMDB(content)
	if err == nil {
		return m, nil
	}
	x, other := readXDB(content)
	if other != nil {
		return nil, fmt.Errorf("%w; %w", err, other)
	}
	return x, nil
}

// Region returns the region of an address in Chinese, such as 河南, 中国香港 or 日本; empty
// where it is not known, or f is nil.
func (f *Finder) Region(address string) string {
	a, err := netip.ParseAddr(address)
	if f == nil || err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast() {
		return ""
	}
	for _, s := range f.sources {
		if p, ok := s.find(a); ok {
			if name := p.name(); name != "" {
				return name
			}
		}
	}
	return ""
}
