package picture

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// point is a place on the canvas, in pixels from the top left corner.
type point struct{ x, y float64 }

// canvas takes flat shapes with soft edges. Shapes may reach over its border.
type canvas struct {
	pixels *image.RGBA
	raster vector.Rasterizer
}

func newCanvas() *canvas {
	return &canvas{pixels: image.NewRGBA(image.Rect(0, 0, Width, Height))}
}

// fill paints the inside of a closed outline. Only the part of the canvas that
// the outline touches is rasterized.
func (c *canvas) fill(paint color.Color, outline ...point) {
	low, high := outline[0], outline[0]
	for _, p := range outline {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	box := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y)))
	box = box.Intersect(c.pixels.Rect)
	if box.Empty() {
		return
	}
	c.raster.Reset(box.Dx(), box.Dy())
	for i, p := range outline {
		x, y := float32(p.x-float64(box.Min.X)), float32(p.y-float64(box.Min.Y))
		if i == 0 {
			c.raster.MoveTo(x, y)
		} else {
			c.raster.LineTo(x, y)
		}
	}
	c.raster.ClosePath()
	c.raster.Draw(c.pixels, box, image.NewUniform(paint), image.Point{})
}

// poly paints a polygon whose corners are given as x, y, x, y, …
func (c *canvas) poly(paint color.Color, corners ...float64) {
	c.fill(paint, points(corners)...)
}

func (c *canvas) rect(paint color.Color, x, y, w, h float64) {
	c.poly(paint, x, y, x+w, y, x+w, y+h, x, y+h)
}

// round paints a rectangle with round corners of radius r.
func (c *canvas) round(paint color.Color, x, y, w, h, r float64) {
	r = min(r, w/2, h/2)
	var outline []point
	for i, corner := range []point{{x + w - r, y + r}, {x + w - r, y + h - r}, {x + r, y + h - r}, {x + r, y + r}} {
		outline = append(outline, arc(corner.x, corner.y, r, r, float64(i)*90-90, float64(i)*90)...)
	}
	c.fill(paint, outline...)
}

func (c *canvas) disc(paint color.Color, x, y, r float64) { c.ellipse(paint, x, y, r, r) }

func (c *canvas) ellipse(paint color.Color, x, y, rx, ry float64) {
	c.fill(paint, arc(x, y, rx, ry, 0, 360)...)
}

// slice paints the part of an ellipse between two angles, as of a pie. Angles
// are degrees, clockwise from the right.
func (c *canvas) slice(paint color.Color, x, y, rx, ry, from, to float64) {
	c.fill(paint, append(arc(x, y, rx, ry, from, to), point{x, y})...)
}

// bow paints the arc of an ellipse as a line of the width.
func (c *canvas) bow(paint color.Color, width, x, y, rx, ry, from, to float64) {
	c.stroke(paint, width, arc(x, y, rx, ry, from, to))
}

// line paints a line through the points x, y, x, y, … with round ends.
func (c *canvas) line(paint color.Color, width float64, places ...float64) {
	c.stroke(paint, width, points(places))
}

// curve paints a soft line through the points.
func (c *canvas) curve(paint color.Color, width float64, places ...float64) {
	c.stroke(paint, width, soften(points(places)))
}

// land paints everything below a soft line through the points.
func (c *canvas) land(paint color.Color, places ...float64) {
	top := soften(points(places))
	c.fill(paint, append(top, point{top[len(top)-1].x, Height}, point{top[0].x, Height})...)
}

// hill paints the inside of an outline that is soft between its first and its
// last point, and straight from there back.
func (c *canvas) hill(paint color.Color, places ...float64) {
	c.fill(paint, soften(points(places))...)
}

// blob paints the inside of a soft closed line through the points.
func (c *canvas) blob(paint color.Color, places ...float64) {
	p := points(places)
	n := len(p)
	var outline []point
	for i := range p {
		outline = append(outline, between(p[(i+n-1)%n], p[i], p[(i+1)%n], p[(i+2)%n])...)
	}
	c.fill(paint, outline...)
}

func (c *canvas) stroke(paint color.Color, width float64, path []point) {
	for i, p := range path {
		c.disc(paint, p.x, p.y, width/2)
		if i == 0 {
			continue
		}
		q := path[i-1]
		length := math.Hypot(p.x-q.x, p.y-q.y)
		if length == 0 {
			continue
		}
		across := point{(q.y - p.y) / length * width / 2, (p.x - q.x) / length * width / 2}
		c.fill(paint,
			point{q.x + across.x, q.y + across.y}, point{p.x + across.x, p.y + across.y},
			point{p.x - across.x, p.y - across.y}, point{q.x - across.x, q.y - across.y})
	}
}

func points(places []float64) []point {
	list := make([]point, len(places)/2)
	for i := range list {
		list[i] = point{places[2*i], places[2*i+1]}
	}
	return list
}

// arc is the polygon of an elliptic arc, fine enough for its size.
func arc(x, y, rx, ry, from, to float64) []point {
	steps := max(3, int(math.Abs(to-from)/360*(16+max(rx, ry))))
	list := make([]point, steps+1)
	for i := range list {
		angle := (from + (to-from)*float64(i)/float64(steps)) * math.Pi / 180
		list[i] = point{x + rx*math.Cos(angle), y + ry*math.Sin(angle)}
	}
	return list
}

// soften lays a Catmull-Rom line through the points.
func soften(p []point) []point {
	at := func(i int) point { return p[min(max(i, 0), len(p)-1)] }
	list := []point{p[0]}
	for i := range len(p) - 1 {
		list = append(list, between(at(i-1), at(i), at(i+1), at(i+2))...)
	}
	return list
}

// between is the part of a Catmull-Rom line from b, without it, to c.
func between(a, b, c, d point) []point {
	const steps = 12
	list := make([]point, steps)
	for i := range list {
		t := float64(i+1) / steps
		list[i] = point{cubic(a.x, b.x, c.x, d.x, t), cubic(a.y, b.y, c.y, d.y, t)}
	}
	return list
}

func cubic(a, b, c, d, t float64) float64 {
	return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}
