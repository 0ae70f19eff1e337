package upload

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/media"
)

// answer is what an upload is told.
type answer struct {
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

type variant struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func answerOf(p *ent.Picture, base string) answer {
	own := p.Files[0]
	a := answer{ID: p.ID, URL: base + media.Path(p, own), Width: own.Width, Height: own.Height, Type: own.Type,
		Bytes: own.Bytes, Animated: p.Animated, Alt: string(p.Alt), Variants: []variant{}}
	for _, f := range p.Files[1:] {
		a.Variants = append(a.Variants, variant{base + media.Path(p, f), f.Width, f.Height})
	}
	return a
}
