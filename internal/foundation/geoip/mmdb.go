package geoip

import (
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
)

// mmdb is a file in MaxMind's format with countries and, in some, their subdivisions,
// such as GeoLite2-City.
type mmdb struct{ reader *maxminddb.Reader }

// readMMDB opens a file.
func readMMDB(content []byte) (*mmdb, error) {
	r, err := maxminddb.OpenBytes(content)
	if err != nil {
		return nil, err
	}
	return &mmdb{r}, nil
}

// find decodes the record of an address.
func (m *mmdb) find(address netip.Addr) (place, bool) {
	var row struct {
		Country struct {
			Code  string            `maxminddb:"iso_code"`
			Names map[string]string `maxminddb:"names"`
		} `maxminddb:"country"`
		Subdivisions []struct {
			Code  string            `maxminddb:"iso_code"`
			Names map[string]string `maxminddb:"names"`
		} `maxminddb:"subdivisions"`
	}
	result := m.reader.Lookup(address)
	if err := result.Decode(&row); err != nil || !result.Found() {
		return place{}, false
	}
	p := place{code: row.Country.Code, country: row.Country.Names["zh-CN"]}
	if len(row.Subdivisions) > 0 {
		if p.province = row.Subdivisions[0].Code; provinces[p.province] == "" {
			p.province = row.Subdivisions[0].Names["zh-CN"]
		}
	}
	return p, true
}
