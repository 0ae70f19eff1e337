// Package sample makes small files of regions, for tests. What they say of the networks of
// documentation is invented.
package geoipgen

import (
	"encoding/binary"
	"net/netip"
)

// Block is a range of addresses, its first and its last, and what a file says of it.
type Block [3]string

// XDB makes a file of ip2region out of sorted blocks that each lie within one pair of
// first bytes.
func XDB(version, ip int, blocks []Block) []byte {
	const head, vectors = 256, 256 * 256 * 8
	file := make([]byte, head+vectors)
	binary.LittleEndian.PutUint16(file, uint16(version))
	binary.LittleEndian.PutUint16(file[2:], 1)
	if version == 3 {
		binary.LittleEndian.PutUint16(file[16:], uint16(ip))
		binary.LittleEndian.PutUint16(file[18:], 4)
	}
	texts := make([]int, len(blocks))
	for i, b := range blocks {
		texts[i] = len(file)
		file = append(file, b[2]...)
	}
	address := func(text string) []byte {
		a := netip.MustParseAddr(text).AsSlice()
		if len(a) == 4 {
			a[0], a[1], a[2], a[3] = a[3], a[2], a[1], a[0]
		}
		return a
	}
	for i, b := range blocks {
		begin := len(file)
		file = append(append(file, address(b[0])...), address(b[1])...)
		file = binary.LittleEndian.AppendUint16(file, uint16(len(b[2])))
		file = binary.LittleEndian.AppendUint32(file, uint32(texts[i]))
		of := netip.MustParseAddr(b[0]).AsSlice()
		vector := head + (int(of[0])*256+int(of[1]))*8
		if binary.LittleEndian.Uint32(file[vector:]) == 0 {
			binary.LittleEndian.PutUint32(file[vector:], uint32(begin))
		}
		binary.LittleEndian.PutUint32(file[vector+4:], uint32(len(file)))
	}
	return file
}
