package geoip_test

import (
	"encoding/binary"
	"net/netip"
)

// block is the first and last address of a range, and its text.
type block [3]string

// xdb returns a file of ip2region with the given blocks, which must be sorted and must not
// cross a pair of first bytes.
func xdb(version, ip int, blocks []block) []byte {
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
