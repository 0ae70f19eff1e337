package qrcode_test

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/qrcode"
)

// TestBothPicturesShowTheSameModules reads the SVG's path and the PNG's pixels.
func TestBothPicturesShowTheSameModules(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://m.example.com/a/1", "https://m.example.com/文章/" + strings.Repeat("长", 150)} {
		code, err := qrcode.Encode(address)
		if err != nil {
			t.Fatal(err)
		}
		uri, err := code.DataURI()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(uri, "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		black := modules(t, code.SVG())
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				if r, _, _, _ := picture.At(x, y).RGBA(); (r == 0) != black[[2]int{x / 8, y / 8}] {
					t.Fatalf("%s: the pictures differ at %d, %d", address, x, y)
				}
			}
		}
		for i := range 7 { // the first finder stands behind the quiet zone
			if !black[[2]int{4 + i, 4}] || black[[2]int{4 + i, 3}] {
				t.Errorf("%s: no finder pattern after a quiet zone of four", address)
			}
		}
	}
	if _, err := qrcode.Encode(strings.Repeat("x", 5000)); err == nil {
		t.Error("5,000 bytes fit")
	}
}

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)

func modules(t *testing.T, svg string) map[[2]int]bool {
	t.Helper()
	black := map[[2]int]bool{}
	for _, m := range run.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			black[[2]int{x + i, y}] = true
		}
	}
	return black
}

// TestCache returns the same pictures from the cache as without one, and errors too.
func TestCache(t *testing.T) {
	t.Parallel()
	c := qrcode.NewCache(1 << 20)
	code, err := qrcode.Encode("https://a.example/1")
	if err != nil {
		t.Fatal(err)
	}
	png, err := code.DataURI()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if p, err := c.Get("https://a.example/1"); err != nil || p.SVG != code.SVG() || p.PNG != png {
			t.Errorf("%v, %v", p, err)
		}
	}
	if _, err := c.Get(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that is too long has a code")
	}
}
