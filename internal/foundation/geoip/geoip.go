// Package ipregion says which region a network address belongs to, as China's rules on
// accounts ask it to be shown beside what somebody publishes (互联网用户账号信息管理规定,
// art. 12): the province inside China, the country or region outside.
//
// The data is the operator's: files of ip2region (.xdb) and of MaxMind's format (.mmdb).
// They are read once, into memory, and looked at by many at once. It refuses to guess:
// what a file does not know has no region. A file that is damaged inside knows less, and
// never ends the program.
package geoip

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// place is what a file says of an address.
type place struct {
	code     string // of the country, ISO 3166-1; empty: only its name is known
	country  string
	province string // as it is written there, or the part of ISO 3166-2 behind "CN-"
}

// source is one file.
type source interface {
	find(address netip.Addr) (place, bool)
}

// Finder looks addresses up.
type Finder struct{ sources []source }

// Open reads files. The first that knows an address answers, so one for IPv4 and one for
// IPv6 go well together.
func Open(files ...string) (*Finder, error) {
	f := &Finder{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "--ip-regions: the file %s cannot be read", name)
		}
		s, err := read(content)
		if err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "--ip-regions: %s is neither a .xdb of ip2region nor a .mmdb of cities or countries: %v", name, err)
		}
		f.sources = append(f.sources, s)
	}
	return f, nil
}

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

// Region is where an address is, in Chinese, such as 河南, 中国香港 or 日本; empty where
// nobody knows. A nil Finder knows nothing.
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
			if name := p.shown(); name != "" {
				return name
			}
		}
	}
	return ""
}
