package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/internal/app/demo/picture"
)

func TestNames(t *testing.T) {
	t.Parallel()
	names := picture.Names()
	want := []string{
		"bed", "bridge", "bus", "calligraphy", "chart", "checkers", "choir", "classroom", "clinic", "corridor", "garden", "handrail",
		"kitchen", "lantern", "lobby", "market", "mountain", "noodles", "riverside", "street", "tablet", "wheelchair", "window", "workshop",
	}
	if !slices.Equal(names, want) {
		t.Errorf("Names = %q, want %q", names, want)
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	for _, name := range picture.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := draw(t, name)
			if len(file) > picture.MaxBytes {
				t.Errorf("%d bytes, at most %d are allowed", len(file), picture.MaxBytes)
			}
			if !bytes.Equal(file, draw(t, name)) {
				t.Error("drawn twice, it has different bytes")
			}
			drawn, err := png.Decode(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := drawn.Bounds(), image.Rect(0, 0, picture.Width, picture.Height); got != want {
				t.Errorf("bounds %v, want %v", got, want)
			}
			assertDrawn(t, drawn)
		})
	}
}

// assertDrawn fails for a picture that is blank, nearly blank, or has a hole.
func assertDrawn(t *testing.T, drawn image.Image) {
	t.Helper()
	count := map[color.Color]int{}
	for y := range picture.Height {
		for x := range picture.Width {
			at := drawn.At(x, y)
			if _, _, _, alpha := at.RGBA(); alpha != 0xffff {
				t.Fatalf("the pixel at %d, %d is not painted", x, y)
			}
			count[at]++
		}
	}
	const whole = picture.Width * picture.Height
	areas := 0
	for at, n := range count {
		if n > whole*8/10 {
			t.Errorf("%v covers %d %% of the picture", at, n*100/whole)
		}
		if n > whole/500 {
			areas++
		}
	}
	if areas < 6 {
		t.Errorf("%d areas of colour, want at least 6", areas)
	}
}

func TestPicturesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range picture.Names() {
		file := string(draw(t, name))
		if other, twice := seen[file]; twice {
			t.Errorf("%s is the same picture as %s", name, other)
		}
		seen[file] = name
	}
}

func TestUnknownName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Corridor", "../corridor", "dragon"} {
		if file, err := picture.PNG(name); err == nil || file != nil {
			t.Errorf("PNG(%q) = %d bytes, error %v; want an error", name, len(file), err)
		}
	}
}

func draw(t *testing.T, name string) []byte {
	t.Helper()
	file, err := picture.PNG(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func BenchmarkPNG(b *testing.B) {
	for b.Loop() {
		if _, err := picture.PNG("street"); err != nil {
			b.Fatal(err)
		}
	}
}
