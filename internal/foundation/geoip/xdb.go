package geoip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
)

// The .xdb of ip2region, structure 2 (IPv4) and 3 (IPv4 or IPv6): a header of 256 bytes;
// for each of the 65,536 pairs of first bytes of an address, the offsets where its blocks
// begin and end; the texts; and the blocks, sorted: first address, last address, length
// and offset of the text. Numbers and IPv4 addresses are little endian, IPv6 addresses
// big endian.
// https://github.com/lionsoul2014/ip2region
const (
	xdbHeader  = 256
	xdbVectors = 256 * 256 * 8
)

// xdb is a file of ip2region.
type xdb struct {
	content []byte
	size    int // bytes of an address: 4 or 16
}

// readXDB checks the header of a file.
func readXDB(content []byte) (*xdb, error) {
	if len(content) < xdbHeader+xdbVectors {
		return nil, errors.New("too short for a .xdb")
	}
	version, ip := binary.LittleEndian.Uint16(content), binary.LittleEndian.Uint16(content[16:])
	switch {
	case version == 2, version == 3 && ip == 4:
		return &xdb{content, 4}, nil
	case version == 3 && ip == 6:
		return &xdb{content, 16}, nil
	}
	return nil, errors.New("the header is not that of a .xdb")
}

// find searches the blocks of an address, by bisection.
func (x *xdb) find(address netip.Addr) (place, bool) {
	ip := address.AsSlice()
	if len(ip) != x.size {
		return place{}, false
	}
	vector := xdbHeader + (int(ip[0])*256+int(ip[1]))*8
	begin, end := int64(binary.LittleEndian.Uint32(x.content[vector:])), int64(binary.LittleEndian.Uint32(x.content[vector+4:]))
	block := int64(2*x.size + 6)
	for low, high := int64(0), (end-begin)/block; begin > 0 && low <= high; { // end is that of the last block, or the one after it
		middle := (low + high) / 2
		b := x.at(begin+middle*block, block)
		switch {
		case b == nil || bytes.Compare(ip, x.ip(b)) < 0:
			high = middle - 1
		case bytes.Compare(ip, x.ip(b[x.size:])) > 0:
			low = middle + 1
		default:
			text := x.at(int64(binary.LittleEndian.Uint32(b[2*x.size+2:])), int64(binary.LittleEndian.Uint16(b[2*x.size:])))
			return placeOf(string(text)), text != nil
		}
	}
	return place{}, false
}

// at returns a part of the file, or nil where the file ends before.
func (x *xdb) at(from, length int64) []byte {
	if from < 0 || length <= 0 || from+length > int64(len(x.content)) {
		return nil
	}
	return x.content[from : from+length]
}

// ip returns the address at the beginning of b in network order.
func (x *xdb) ip(b []byte) []byte {
	if x.size == 16 {
		return b[:16]
	}
	return []byte{b[3], b[2], b[1], b[0]}
}

// placeOf parses a text: 国家|省份|城市|运营商|代码, or 国家|区域|省份|城市|运营商 as before 2025.
// Unknown parts are 0.
func placeOf(text string) place {
	f := strings.Split(text, "|")
	if len(f) < 5 {
		return place{country: f[0]}
	}
	if code := f[4]; len(code) == 2 && code == strings.ToUpper(code) && code[0] >= 'A' && code[0] <= 'Z' {
		return place{code: code, country: f[0], province: f[1]}
	}
	if known(f[1]) && !known(f[2]) { // without a code, but in the present order
		return place{country: f[0], province: f[1]}
	}
	return place{country: f[0], province: f[2]}
}
