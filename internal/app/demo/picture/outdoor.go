package picture

import "math/rand/v2"

// garden has a winding path and a bench.
func garden(c *canvas, r *rand.Rand) {
	c.backdrop(sky, grass, 270)
	c.disc(yellow, 680, 90, 46)
	c.clouds(r, 3, 110)
	c.land(mint, 0, 250, 150, 200, 320, 245, 520, 190, 700, 235, 800, 210)
	c.land(grass, 0, 285, 200, 268, 480, 282, 800, 262)
	c.blob(sand, 330, 520, 350, 440, 480, 380, 460, 320, 400, 285, 425, 280, 520, 320, 560, 390, 520, 450, 560, 520)
	c.tree(forest, 110, 330, 230)
	c.tree(leaf, 240, 300, 150)
	c.tree(forest, 720, 320, 210)
	for i, x := range []float64{592, 640} {
		c.disc(leaf, x, 300, 30+float64(i)*6)
	}
	for _, x := range []float64{100, 270} {
		c.rect(slate, x, 400, 10, 45)
	}
	for i := range 3 {
		c.round(wood, 80, 338+float64(i)*17, 220, 11, 5)
	}
	c.round(brown, 72, 392, 236, 14, 6)
	for range 46 {
		x, y := r.Float64()*800, 420+r.Float64()*75
		if x > 310 && x < 590 {
			x += 280 * float64(1-2*r.IntN(2))
		}
		c.line(forest, 3, x, y, x, y+14)
		c.disc([]colour{red, yellow, pink, white, orange}[r.IntN(5)], x, y, 7)
		c.disc(cream, x, y, 2.5)
	}
}

// market has two stalls under striped awnings.
func market(c *canvas, r *rand.Rand) {
	c.backdrop(sky, sand, 400)
	c.clouds(r, 4, 90)
	for i, h := range []float64{170, 210, 150, 190, 165} {
		c.rect([]colour{mist, cream, mist, cream, mist}[i], float64(i)*165-10, 400-h-60, 165, h+60)
	}
	for i, stripe := range []colour{red, teal} {
		x := 60 + float64(i)*370
		c.rect(brown, x+8, 170, 12, 270)
		c.rect(brown, x+290, 170, 12, 270)
		c.person([]colour{navy, orange}[i], slate, []colour{ink, brown}[i], x+155, 430, 230)
		for j := range 8 {
			paint := white
			if j%2 == 0 {
				paint = stripe
			}
			left := x - 10 + float64(j)*41.25
			top := x + 15 + float64(j)*35
			c.poly(paint, top, 110, top+35, 110, left+41.25, 190, left, 190)
			c.slice(paint, left+20.6, 189, 20.6, 17, 0, 180)
		}
		c.rect(wood, x, 345, 310, 95)
		for j := range 3 {
			cx := x + 10 + float64(j)*100
			fruit := []colour{red, yellow, leaf, orange, wine, mint}[i*3+j]
			for k := range 4 {
				c.disc(fruit, cx+15+float64(k)*20, 340-float64(k%2)*4, 13)
			}
			for k := range 3 {
				c.disc(fruit, cx+25+float64(k)*20, 322, 13)
				c.disc(shine, cx+21+float64(k)*20, 318, 4)
			}
			c.rect(brown, cx, 345, 92, 42)
			c.rect(tan, cx+4, 352, 84, 10)
			c.rect(tan, cx+4, 369, 84, 10)
		}
	}
	c.person(pink, blue, silver, 400, 490, 210)
}

// bridge is of stone and mirrors itself in the river.
func bridge(c *canvas, r *rand.Rand) {
	c.backdrop(rgb(0xf8e7d0), water, 320)
	c.disc(orange, 610, 110, 44)
	c.land(mint, 0, 250, 160, 180, 330, 240, 500, 170, 680, 230, 800, 190)
	c.rect(water, 0, 320, 800, 180)
	c.hill(leaf, 0, 330, 0, 285, 110, 290, 170, 330)
	c.hill(leaf, 800, 330, 800, 282, 700, 290, 640, 330)
	deck := []float64{60, 318, 190, 262, 320, 212, 400, 198, 480, 212, 610, 262, 740, 318}
	c.hill(slate, append([]float64{60, 330}, append(deck, 740, 330)...)...)
	c.slice(water, 400, 330, 112, 104, 180, 360)
	c.ellipse(rgb(0x7cb0c3), 400, 330, 112, 92)
	c.slice(rgb(0xd9ead9), 400, 330, 112, 104, 180, 360)
	c.bow(grey, 10, 400, 330, 117, 109, 180, 360)
	c.slice(water, 210, 330, 40, 36, 180, 360)
	c.slice(water, 590, 330, 40, 36, 180, 360)
	c.curve(grey, 12, deck...)
	for i := range 11 {
		t := float64(i) - 5
		x, y := 400+t*62, 198+t*t*4.6
		c.rect(grey, x-5, y-38, 10, 38)
		c.disc(grey, x, y-40, 8)
	}
	rail := make([]float64, 0, 22)
	for i := range 11 {
		t := float64(i) - 5
		rail = append(rail, 400+t*62, 198+t*t*4.6-24)
	}
	c.curve(grey, 6, rail...)
	for range 18 {
		x, y := r.Float64()*800, 352+r.Float64()*140
		c.line(shine, 4, x, y, x+30+50*r.Float64(), y)
	}
	c.blob(brown, 560, 430, 590, 455, 690, 455, 720, 428, 640, 440)
	c.slice(wood, 640, 434, 46, 40, 180, 360)
	c.willow(r, 70, 320, 270)
}

// riverside is a promenade with the town on the other bank.
func riverside(c *canvas, r *rand.Rand) {
	c.backdrop(sky, water, 240)
	c.clouds(r, 3, 100)
	for i := range 12 {
		h := 50 + 110*r.Float64()
		x := float64(i)*70 - 20
		c.rect([]colour{grey, mist, blue, grey}[i%4], x, 240-h, 58, h)
		for y := 250 - h; y < 225; y += 20 {
			for j := range 3 {
				c.rect(cream, x+9+float64(j)*16, y, 8, 9)
			}
		}
	}
	c.hill(forest, 0, 250, 0, 226, 90, 218, 200, 230, 330, 216, 470, 230, 620, 218, 800, 228, 800, 250)
	for range 22 {
		x, y := r.Float64()*800, 262+r.Float64()*90
		c.line(shine, 4, x, y, x+30+60*r.Float64(), y)
	}
	c.blob(red, 440, 285, 460, 308, 570, 308, 590, 285, 515, 292)
	c.poly(white, 512, 285, 512, 215, 560, 280)
	c.poly(cream, 506, 285, 506, 225, 470, 280)
	c.rect(sand, 0, 380, 800, 120)
	c.rect(tan, 0, 380, 800, 10)
	for i := range 6 {
		c.line(tan, 3, float64(i)*170-60, 500, float64(i)*130+40, 390)
	}
	c.rect(white, 0, 318, 800, 9)
	c.rect(white, 0, 348, 800, 6)
	for x := 20.0; x < 800; x += 70 {
		c.rect(white, x, 312, 9, 72)
	}
	c.willow(r, 150, 420, 350)
	c.person(teal, navy, silver, 380, 460, 200)
	c.person(red, slate, silver, 450, 460, 185)
	c.rect(ink, 676, 180, 8, 260)
	c.round(yellow, 658, 150, 44, 40, 10)
	c.poly(ink, 650, 152, 710, 152, 680, 132)
}

// mountain has ridges in the morning mist.
func mountain(c *canvas, r *rand.Rand) {
	c.rect(rgb(0xfbe9d3), 0, 0, Width, Height)
	c.disc(orange, 560, 120, 52)
	c.land(rgb(0xd3dfe0), 0, 250, 90, 190, 180, 220, 300, 90, 390, 190, 480, 160, 620, 220, 720, 150, 800, 210)
	c.poly(white, 264, 132, 300, 84, 336, 134, 316, 126, 300, 142, 284, 126)
	c.land(rgb(0xa9c4c4), 0, 310, 120, 230, 210, 280, 330, 220, 450, 300, 580, 200, 690, 280, 800, 250)
	c.round(shine, -40, 270, 420, 26, 13)
	c.round(shine, 420, 292, 420, 24, 12)
	c.land(rgb(0x6f9d97), 0, 350, 140, 300, 270, 350, 420, 290, 560, 360, 700, 300, 800, 330)
	c.round(shine, 120, 352, 420, 22, 11)
	c.land(teal, 0, 400, 180, 360, 360, 420, 560, 370, 800, 410)
	c.land(forest, 0, 450, 220, 425, 460, 465, 800, 430)
	for i := range 13 {
		x := float64(i)*66 + 20*r.Float64()
		h := 70 + 60*r.Float64()
		c.pine([]colour{navy, forest, rgb(0x2f6350)}[i%3], x, 480+20*r.Float64(), h)
	}
	for i := range 4 {
		x, y := 150+float64(i)*36, 90+float64(i%2)*18
		c.bow(slate, 4, x-9, y, 9, 7, 190, 350)
		c.bow(slate, 4, x+9, y, 9, 7, 190, 350)
	}
}

// street is a row of shop houses.
func street(c *canvas, r *rand.Rand) {
	c.backdrop(sky, slate, 420)
	c.clouds(r, 4, 70)
	walls := []colour{cream, pink, mint, sand, rgb(0xc9dbe6)}
	roofs := []colour{slate, wine, navy, brown, teal}
	for i := range 5 {
		x := float64(i) * 160
		h := 210 + 70*r.Float64()
		top := 400 - h
		c.rect(walls[i], x, top, 160, h)
		c.poly(roofs[i], x-12, top+6, x+172, top+6, x+150, top-34, x+10, top-34)
		for j := range 2 {
			c.pane(white, sky, x+24+float64(j)*64, top+28, 48, 58)
		}
		c.rect(roofs[(i+2)%5], x+12, 262, 136, 28)
		for j := range 3 {
			c.round(cream, x+34+float64(j)*34, 268, 22, 16, 4)
		}
		for j := range 6 {
			paint := white
			if j%2 == 0 {
				paint = []colour{red, teal, orange, forest, blue}[i]
			}
			c.poly(paint, x+8+float64(j)*24, 292, x+32+float64(j)*24, 292, x+32+float64(j)*24, 318, x+20+float64(j)*24, 328, x+8+float64(j)*24, 318)
		}
		c.rect(navy, x+16, 330, 74, 60)
		c.rect(shine, x+22, 336, 30, 54)
		c.rect(brown, x+100, 330, 44, 70)
	}
	c.rect(grey, 0, 400, 800, 26)
	for x := 30.0; x < 800; x += 130 {
		c.rect(cream, x, 462, 70, 8)
	}
	c.tree(leaf, 160, 408, 190)
	c.tree(forest, 640, 408, 170)
	c.person(red, navy, ink, 330, 418, 130)
	c.person(blue, slate, silver, 480, 418, 125)
}

// lantern lights hang under the eaves at dusk.
func lantern(c *canvas, r *rand.Rand) {
	c.rect(rgb(0x2b3a5c), 0, 0, Width, Height)
	c.land(rgb(0x43507a), 0, 330, 260, 300, 520, 340, 800, 300)
	c.land(rgb(0x5d5f88), 0, 420, 300, 390, 560, 420, 800, 390)
	for range 40 {
		c.disc(shine, r.Float64()*800, 100+r.Float64()*220, 1+1.6*r.Float64())
	}
	c.disc(cream, 655, 170, 46)
	c.disc(rgb(0x2b3a5c), 636, 158, 40)
	for i := range 6 {
		x := 40 + float64(i)*145
		c.poly(rgb(0x1d2740), x-55, 500, x-55, 450, x-70, 450, x-38, 420, x+38, 420, x+70, 450, x+55, 450, x+55, 500)
		c.rect(yellow, x-30, 462, 22, 24)
		c.rect(yellow, x+8, 462, 22, 24)
	}
	c.hill(wine, 0, 0, 800, 0, 800, 40, 600, 62, 400, 66, 200, 62, 0, 40)
	c.curve(yellow, 8, 0, 40, 200, 62, 400, 66, 600, 62, 800, 40)
	for i, h := range []float64{60, 130, 80, 140, 50} {
		x := 90 + float64(i)*155
		s := 1 + 0.14*float64(i%2)
		y := 64 + h + 60*s
		c.line(yellow, 3, x, 60, x, y+130*s)
		c.disc(colour{R: 255, G: 190, B: 90, A: 36}, x, y, 105*s)
		c.ellipse(red, x, y, 66*s, 54*s)
		c.ellipse(rgb(0xdb6a4d), x, y, 44*s, 54*s)
		c.ellipse(rgb(0xe98a5f), x, y, 20*s, 54*s)
		c.round(yellow, x-28*s, y-62*s, 56*s, 14*s, 4)
		c.round(yellow, x-28*s, y+48*s, 56*s, 14*s, 4)
		for j := range 5 {
			dx := (float64(j) - 2) * 8 * s
			c.line(red, 4*s, x+dx, y+64*s, x+dx, y+105*s)
		}
	}
}
