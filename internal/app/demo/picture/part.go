package picture

import (
	"image/color"
	"math/rand/v2"
)

// The parts below stand in several pictures.

// backdrop paints the upper part of the canvas in one colour and the rest, from
// the height y on, in another.
func (c *canvas) backdrop(upper, lower color.Color, y float64) {
	c.rect(upper, 0, 0, Width, y)
	c.rect(lower, 0, y, Width, Height-y)
}

// clouds spreads n clouds over the sky above the height.
func (c *canvas) clouds(r *rand.Rand, n int, below float64) {
	for i := range n {
		x := (float64(i)+0.2+0.6*r.Float64())*Width/float64(n) - 20
		y := 40 + r.Float64()*(below-40)
		s := 0.8 + 0.5*r.Float64()
		c.round(white, x-60*s, y, 130*s, 30*s, 15*s)
		c.disc(white, x-15*s, y+2*s, 26*s)
		c.disc(white, x+22*s, y+6*s, 19*s)
	}
}

// tree stands at x on the ground and is h high.
func (c *canvas) tree(crown color.Color, x, ground, h float64) {
	c.rect(brown, x-h*0.035, ground-h*0.45, h*0.07, h*0.45)
	c.disc(crown, x-h*0.15, ground-h*0.5, h*0.19)
	c.disc(crown, x+h*0.16, ground-h*0.52, h*0.18)
	c.disc(crown, x, ground-h*0.74, h*0.26)
	c.disc(shine, x-h*0.07, ground-h*0.82, h*0.1)
}

// willow lets its branches hang to the ground.
func (c *canvas) willow(r *rand.Rand, x, ground, h float64) {
	c.curve(brown, h*0.07, x, ground, x+h*0.02, ground-h*0.4, x-h*0.03, ground-h*0.8)
	c.ellipse(leaf, x, ground-h*0.8, h*0.36, h*0.2)
	for i := range 13 {
		dx := (float64(i) - 6) / 6 * h * 0.38
		length := h * (0.42 + 0.28*r.Float64())
		paint := leaf
		if i%2 == 0 {
			paint = forest
		}
		top := ground - h*0.82 + dx*dx/h*0.6
		c.curve(paint, h*0.028, x+dx*0.8, top, x+dx, top+length*0.5, x+dx*1.08, top+length)
	}
}

// pine is a dark tree of three tiers.
func (c *canvas) pine(paint color.Color, x, ground, h float64) {
	c.rect(brown, x-h*0.03, ground-h*0.15, h*0.06, h*0.15)
	for i := range 3 {
		base := ground - h*(0.1+0.25*float64(i))
		half := h * (0.26 - 0.06*float64(i))
		c.poly(paint, x-half, base, x, base-h*0.4, x+half, base)
	}
}

// plant is a pot with leaves, h high.
func (c *canvas) plant(pot color.Color, x, ground, h float64) {
	for i, paint := range []color.Color{forest, leaf, forest, leaf, forest} {
		dx := (float64(i) - 2) * h * 0.17
		tip := ground - h*(1-0.1*float64((i-2)*(i-2)))
		c.blob(paint, x, ground-h*0.3, x+dx*0.5-h*0.07, ground-h*0.6, x+dx, tip, x+dx*0.6+h*0.07, ground-h*0.6)
	}
	c.poly(pot, x-h*0.2, ground-h*0.36, x+h*0.2, ground-h*0.36, x+h*0.14, ground, x-h*0.14, ground)
	c.rect(pot, x-h*0.23, ground-h*0.4, h*0.46, h*0.07)
}

// pane is a window of four panes.
func (c *canvas) pane(frame, glass color.Color, x, y, w, h float64) {
	c.rect(frame, x, y, w, h)
	b := w * 0.06
	for i := range 2 {
		for j := range 2 {
			c.rect(glass, x+b+float64(i)*(w-b)/2, y+b+float64(j)*(h-b)/2, (w-3*b)/2, (h-3*b)/2)
		}
	}
	c.poly(shine, x+w*0.14, y+h*0.4, x+w*0.32, y+b, x+w*0.42, y+b, x+w*0.14, y+h*0.6)
}

// steam rises from the place.
func (c *canvas) steam(paint color.Color, x, y, h float64) {
	for _, dx := range []float64{-0.3, 0, 0.3} {
		bx := x + dx*h
		c.curve(paint, h*0.07, bx, y, bx+h*0.1, y-h*0.25, bx-h*0.08, y-h*0.55, bx+h*0.06, y-h*0.85)
	}
}

// face is a head of radius r with hair over it.
func (c *canvas) face(hair color.Color, x, y, r float64) {
	c.disc(hair, x, y-r*0.16, r*1.07)
	c.ellipse(skin, x, y+r*0.14, r*0.86, r*0.88)
	c.disc(ink, x-r*0.34, y+r*0.1, r*0.09)
	c.disc(ink, x+r*0.34, y+r*0.1, r*0.09)
	c.bow(wine, r*0.09, x, y+r*0.36, r*0.26, r*0.2, 20, 160)
}

// person stands at x on the ground, h high, and looks at us.
func (c *canvas) person(shirt, trousers, hair color.Color, x, ground, h float64) {
	u := h / 8
	c.ellipse(shade, x, ground, 2.1*u, 0.35*u)
	for _, side := range []float64{-1, 1} {
		c.line(trousers, 1.05*u, x+side*0.6*u, ground-3.2*u, x+side*0.65*u, ground-0.7*u)
		c.ellipse(ink, x+side*0.85*u, ground-0.2*u, 0.65*u, 0.3*u)
		c.line(shirt, 0.8*u, x+side*1.1*u, ground-5.5*u, x+side*1.65*u, ground-3.7*u)
		c.disc(skin, x+side*1.7*u, ground-3.3*u, 0.36*u)
	}
	c.rect(skin, x-0.3*u, ground-6.4*u, 0.6*u, u)
	c.round(shirt, x-1.35*u, ground-6*u, 2.7*u, 3.2*u, 0.9*u)
	c.face(hair, x, ground-7*u, u)
}
