package imaging_test

import (
	"bytes"
	"errors"
	"image"
	"image/gif"
	_ "image/jpeg"
	_ "image/png"
	"runtime"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/content/media/imaging"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
)

var limits = imaging.Limits{Pixels: 40_000_000, Memory: 512 << 20}

// files returns the picture in data and its files, or why it is refused.
func files(data []byte) (imaging.Picture, []imaging.File, error) {
	p, err := imaging.Decode(data, limits)
	if err != nil {
		return p, nil, err
	}
	list, err := p.Files()
	return p, list, err
}

// TestDecodeRefuses asserts that each hostile file is refused with a message that helps, and
// that refusing it takes little memory. It measures what the whole program allocates, so it
// is not parallel.
func TestDecodeRefuses(t *testing.T) {
	for _, h := range hostiles() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := files(h.data)
		runtime.ReadMemStats(&after)
		var f *fault.Error
		if !errors.As(err, &f) || string(f.Code) != h.code || !strings.Contains(f.Message, h.says) {
			t.Errorf("%s: %v", h.name, err)
		}
		took, most := after.TotalAlloc-before.TotalAlloc, uint64(2*len(h.data)+1<<20)
		if h.says == "damaged" { // its header is plausible, so it is decoded
			most += 5_000 * 5_000 * 3
		}
		t.Logf("%s: %d bytes took %d KiB: %v", h.name, len(h.data), took>>10, err)
		if took > most {
			t.Errorf("%s: took %d bytes, more than %d", h.name, took, most)
		}
	}
}

// TestPictureMemory asserts that Files takes no more memory than Decode announces.
func TestPictureMemory(t *testing.T) {
	for name, data := range map[string][]byte{
		"a photograph": imagegen.JPEG(1500, 1000), "one that is turned": imagegen.Turned(imagegen.JPEG(1500, 1000), 8),
		"a drawing": imagegen.PNG(1500, 1000, true), "a long one": imagegen.PNG(500, 3000, false), "an animation": imagegen.GIF(800, 600, 5),
	} {
		p, err := imaging.Decode(data, limits)
		if err != nil {
			t.Fatal(err)
		}
		peak := peakOf(func() {
			if _, err := p.Files(); err != nil {
				t.Error(err)
			}
		})
		t.Logf("%s: peak %d MiB, announced %d MiB", name, peak>>20, p.Memory>>20)
		if peak > uint64(p.Memory)+(4<<20) {
			t.Errorf("%s: took %d MiB at its peak, announced were %d", name, peak>>20, p.Memory>>20)
		}
	}
}

// TestDecodeRemovesMetadata asserts that the files have nothing but the picture.
func TestDecodeRemovesMetadata(t *testing.T) {
	t.Parallel()
	hidden := []byte(imagegen.Secret)
	photo, drawing, moving := imagegen.JPEG(50, 40), imagegen.PNG(50, 40, true), imagegen.GIF(50, 40, 2)
	before := func(data []byte, mark string, insert []byte) []byte {
		at := bytes.LastIndex(data, []byte(mark))
		return append(append(append([]byte{}, data[:at]...), insert...), data[at:]...)
	}
	for name, data := range map[string][]byte{
		"EXIF":                     imagegen.Turned(photo, 1),
		"XMP":                      imagegen.WithSegment(photo, 0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), hidden...)),
		"IPTC":                     imagegen.WithSegment(photo, 0xed, append([]byte("Photoshop 3.0\x00"), hidden...)),
		"a comment":                imagegen.WithSegment(photo, 0xfe, hidden),
		"a second picture behind":  append(append(bytes.Clone(photo), photo...), hidden...),
		"a text in a PNG":          before(drawing, "\x00\x00\x00\x00IEND", pngChunk("tEXt", append([]byte("Comment\x00"), hidden...))),
		"EXIF in a PNG":            before(drawing, "\x00\x00\x00\x00IEND", pngChunk("eXIf", append([]byte("II*\x00\x08\x00\x00\x00\x00\x00"), hidden...))),
		"an archive behind a PNG":  append(bytes.Clone(drawing), append([]byte("PK\x03\x04"), hidden...)...),
		"a comment in a GIF":       append(append(bytes.Clone(moving[:len(moving)-1]), append([]byte{'!', 0xfe, byte(len(hidden))}, hidden...)...), 0, ';'),
		"a page behind a GIF":      append(bytes.Clone(moving), append([]byte("<script>"), hidden...)...),
		"XMP in a WebP":            riff(webP()[12:], chunk("XMP ", hidden)),
		"a page in front, in WebP": riff(chunk("junk", hidden), webP()[12:]),
	} {
		_, list, err := files(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range list {
			if bytes.Contains(f.Data, hidden) || bytes.Contains(f.Data, []byte("<script>")) {
				t.Errorf("%s is still there", name)
			}
		}
	}
}

// TestFilesAreUpright asserts that each orientation of EXIF is turned upright: the red
// quarter of the pixels is where that orientation puts it.
func TestFilesAreUpright(t *testing.T) {
	t.Parallel()
	redAt := map[byte][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for turn, at := range redAt {
		_, list, err := files(imagegen.Turned(imagegen.JPEG(800, 600), turn))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			m, _, err := image.Decode(bytes.NewReader(f.Data))
			if err != nil {
				t.Fatal(err)
			}
			w, h := m.Bounds().Dx(), m.Bounds().Dy()
			if (w > h) != (turn < 5) || w != f.Width || h != f.Height {
				t.Errorf("turn %d: %d x %d", turn, w, h)
			}
			r, g, _, _ := m.At(w/4+at[0]*w/2, h/4+at[1]*h/2).RGBA()
			if r < 0xb000 || g > 0x4000 {
				t.Errorf("turn %d, %d wide: not red there: %x %x", turn, w, r, g)
			}
		}
	}
}

// TestFiles asserts which files a picture gets.
func TestFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a photograph": {imagegen.JPEG(2000, 1500), "image/jpeg 2000x1500, image/jpeg 320x240, image/jpeg 640x480, image/jpeg 1280x960"},
		"a small one":  {imagegen.JPEG(320, 200), "image/jpeg 320x200"},
		"transparent":  {imagegen.PNG(700, 300, true), "image/png 700x300, image/png 320x137, image/png 640x274"},
		"opaque":       {imagegen.PNG(700, 300, false), "image/png 700x300, image/jpeg 320x137, image/jpeg 640x274"},
		"still":        {imagegen.GIF(400, 300, 1), "image/gif 400x300"},
		"animated":     {imagegen.GIF(400, 300, 3), "image/gif 400x300"},
		"WebP":         {webP(), "image/webp 2x2"},
		"a line":       {imagegen.PNG(2000, 1, false), "image/png 2000x1, image/jpeg 320x1, image/jpeg 640x1, image/jpeg 1280x1"},
	} {
		_, list, err := files(c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range list {
			got = append(got, string(f.Type)+" "+image.Pt(f.Width, f.Height).String())
			if c, _, err := image.DecodeConfig(bytes.NewReader(f.Data)); err != nil || c.Width != f.Width || c.Height != f.Height {
				t.Errorf("%s: a file of %v pixels says %v, %v", name, image.Pt(f.Width, f.Height), c, err)
			}
		}
		text := strings.NewReplacer("(", "", ")", "", ",", "x").Replace(strings.Join(got, "; "))
		if text = strings.ReplaceAll(text, "; ", ", "); text != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, text, c.want)
		}
	}
	p, list, err := files(imagegen.GIF(40, 30, 3))
	if g, gifErr := gif.DecodeAll(bytes.NewReader(list[0].Data)); err != nil || gifErr != nil || len(g.Image) != 3 || !p.Animated {
		t.Errorf("an animation: %v %v", err, gifErr)
	}
}
