package upload

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/media"
)

// uploadedPicture is the response to an upload.
type uploadedPicture struct {
	ID       string    `json:"id"`
	URL      string    `json:"url"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Type     string    `json:"type"`
	Bytes    int       `json:"bytes"`
	Animated bool      `json:"animated"`
	Alt      string    `json:"alt"`
	Variants []variant `json:"variants"`
}

// variant is a smaller copy of a picture.
type variant struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// newUploadedPicture returns the response for p, with addresses below base.
func newUploadedPicture(p *ent.Picture, base string) uploadedPicture {
	original := p.Files[0]
	r := uploadedPicture{ID: p.ID, URL: base + media.Path(p, original), Width: original.Width, Height: original.Height, Type: original.Type,
		Bytes: original.Bytes, Animated: p.Animated, Alt: string(p.Alt), Variants: []variant{}}
	for _, f := range p.Files[1:] {
		r.Variants = append(r.Variants, variant{base + media.Path(p, f), f.Width, f.Height})
	}
	return r
}
