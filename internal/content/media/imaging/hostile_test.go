package imaging_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"

	"github.com/tonggao/tonggao/internal/testkit/imagegen"
)

// hostile is a file that must be refused, with the code and a part of the message of the
// refusal.
type hostile struct {
	name string
	data []byte
	code string
	says string
}

// hostiles returns files as attackers and broken programs send them.
func hostiles() []hostile {
	photo, drawing, moving := imagegen.JPEG(400, 300), imagegen.PNG(200, 100, true), imagegen.GIF(40, 30, 3)
	return []hostile{
		{"a page", []byte("<!doctype html><script>alert(1)</script>"), "BAD_USER_INPUT", "JPEG, PNG, GIF or WebP"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "BAD_USER_INPUT", "JPEG, PNG, GIF or WebP"},
		{"a PDF", []byte("%PDF-1.7\n"), "BAD_USER_INPUT", "JPEG, PNG, GIF or WebP"},
		{"a BMP", []byte("BM\x00\x00\x00\x00"), "BAD_USER_INPUT", "JPEG, PNG, GIF or WebP"},
		{"only a magic number of JPEG", []byte("\xff\xd8\xff"), "BAD_USER_INPUT", "JPEG cannot be read"},
		{"only a magic number of PNG", []byte("\x89PNG\r\n\x1a\n"), "BAD_USER_INPUT", "PNG cannot be read"},
		{"only a magic number of GIF", []byte("GIF89a"), "BAD_USER_INPUT", "GIF cannot be read"},
		{"only a magic number of WebP", []byte("RIFF\x00\x00\x00\x00WEBP"), "BAD_USER_INPUT", "WebP cannot be read"},
		{"60,000 x 60,000 as PNG", pngClaiming(60_000, 60_000), "TOO_EXPENSIVE", "60000 x 60000"},
		{"60,000 x 60,000 as JPEG", resized(photo, 60_000), "TOO_EXPENSIVE", "60000 x 60000"},
		{"60,000 x 60,000 as GIF", gifClaiming(60_000), "TOO_EXPENSIVE", "60000 x 60000"},
		{"20,000 x 20,000 as PNG", pngClaiming(20_000, 20_000), "TOO_EXPENSIVE", "at most 40.0 million"},
		{"a PNG with more pixels than it can count", pngClaiming(1<<31-1, 1<<31-1), "TOO_EXPENSIVE", "on a side"},
		{"a PNG of no pixels", pngClaiming(0, 10), "BAD_USER_INPUT", "no pixels"},
		{"a PNG that has fewer pixels than it says", pngClaiming(500, 500), "BAD_USER_INPUT", "damaged"},
		{"a PNG that unpacks to 128 MiB", bomb(), "BAD_USER_INPUT", "damaged"},
		{"a JPEG of more rows than its data", resized(photo, 5_000), "BAD_USER_INPUT", "damaged"},
		{"a JPEG cut in the middle", photo[:len(photo)/2], "BAD_USER_INPUT", "its end is missing"},
		{"a PNG cut in the middle", drawing[:len(drawing)/2], "BAD_USER_INPUT", "its end is missing"},
		{"a GIF cut in the middle", moving[:len(moving)/2], "BAD_USER_INPUT", "its end is missing"},
		{"a WebP cut in the middle", webP()[:24], "BAD_USER_INPUT", "its end is missing"},
		{"a PNG with a changed byte", changed(drawing, len(drawing)/2), "BAD_USER_INPUT", "damaged"},
		{"a GIF of 100,000 frames", frames(100_000), "TOO_EXPENSIVE", "1000 frames"},
		{"a GIF of 900 large frames", largeFrames(), "TOO_EXPENSIVE", "million pixels"},
		{"a JPEG of 10,000 scans", scans(10_000), "BAD_USER_INPUT", "64 scans"},
		{"a WebP that says two sizes", riff(chunk("VP8X", []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), chunk("VP8L", []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0x88, 0x88, 0x08})), "BAD_USER_INPUT", "its header says 1 x 1"},
		{"a WebP of 268 million pixels", riff(chunk("VP8L", []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0x88, 0x88, 0x08})), "TOO_EXPENSIVE", "16384 x 16384"},
		{"a WebP that moves", riff(chunk("VP8X", make([]byte, 10)), chunk("ANIM", make([]byte, 6))), "BAD_USER_INPUT", "only GIF"},
	}
}

// resized returns a JPEG whose header has another size.
func resized(jpeg []byte, side uint16) []byte {
	b := bytes.Clone(jpeg)
	at := bytes.Index(b, []byte{0xff, 0xc0}) + 5
	binary.BigEndian.PutUint16(b[at:], side)
	binary.BigEndian.PutUint16(b[at+2:], side)
	return b
}

func gifClaiming(side uint16) []byte {
	b := imagegen.GIF(10, 10, 1)
	binary.LittleEndian.PutUint16(b[6:], side)
	binary.LittleEndian.PutUint16(b[8:], side)
	return b
}

func changed(data []byte, at int) []byte {
	b := bytes.Clone(data)
	b[at] ^= 0x55
	return b
}

// bomb returns a PNG of 100 x 100 pixels whose data decompress to 128 MiB.
func bomb() []byte {
	var data bytes.Buffer
	w, zeros := zlib.NewWriter(&data), make([]byte, 1<<20)
	for range 128 {
		_, err := w.Write(zeros)
		if err != nil {
			panic(err) // writes to memory do not fail
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 100), 100)
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, 8, 6, 0, 0, 0)),
		pngChunk("IDAT", data.Bytes()), pngChunk("IEND", nil)}, nil)
}

// frames returns a GIF with n frames of one pixel.
func frames(n int) []byte {
	one := []byte{',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0}
	return append(append([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"), bytes.Repeat(one, n)...), ';')
}

// largeFrames returns a GIF of 900 frames of a million pixels each, without their data.
func largeFrames() []byte {
	one := []byte{',', 0, 0, 0, 0, 0xe8, 3, 0xe8, 3, 0, 2, 2, 0x44, 0x01, 0}
	return append(append([]byte("GIF89a\xe8\x03\xe8\x03\x80\x00\x00\x00\x00\x00\xff\xff\xff"), bytes.Repeat(one, 900)...), ';')
}

// scans returns a JPEG with its last scan repeated n times; a decoder applies each of them
// to all pixels.
func scans(n int) []byte {
	b := imagegen.JPEG(64, 64)
	from := bytes.Index(b, []byte{0xff, 0xda})
	again := b[from : len(b)-2]
	return append(append(append([]byte{}, b[:from]...), bytes.Repeat(again, n)...), 0xff, 0xd9)
}

// webP returns a lossless picture of 2 x 2 pixels of one colour.
func webP() []byte {
	chunk := chunk("VP8L", []byte{0x2f, 0x01, 0x40, 0x00, 0x00, 0x88, 0x88, 0x08})
	return riff(chunk)
}

// riff returns a WebP with the chunks.
func riff(chunks ...[]byte) []byte {
	all := bytes.Join(chunks, nil)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(all)+4)), append([]byte("WEBP"), all...)...)
}

// chunk returns a chunk of a WebP.
func chunk(name string, body []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// pngChunk returns a chunk of a PNG.
func pngChunk(name string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), name...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngClaiming returns a tiny PNG whose header has the given size.
func pngClaiming(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	rest := imagegen.PNG(1, 1, false)[8+25:]
	return append(append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, 8, 6, 0, 0, 0))...), rest...)
}
