package picture

import "math/rand/v2"

// corridor leads to a window, with a handrail along both walls.
func corridor(c *canvas, _ *rand.Rand) {
	c.rect(cream, 0, 0, Width, Height)
	c.poly(white, 0, 0, 800, 0, 500, 150, 300, 150)
	c.poly(tan, 0, 500, 800, 500, 500, 330, 300, 330)
	c.poly(sand, 0, 0, 300, 150, 300, 330, 0, 500)
	c.poly(sand, 800, 0, 500, 150, 500, 330, 800, 500)
	c.poly(shine, 330, 500, 470, 500, 425, 330, 375, 330)
	for i := range 3 {
		x := []float64{30, 145, 225}[i]
		w := []float64{85, 52, 34}[i]
		near, far := x*0.5, (x+w)*0.5 // how far the ceiling has come down there
		for _, side := range []float64{0, 1} {
			at := func(v float64) float64 { return side*800 + (1-2*side)*v }
			c.poly(brown, at(x-6), 105+near*0.7, at(x+w+6), 105+far*0.7, at(x+w+6), 500-(x+w)*0.567, at(x-6), 500-x*0.567)
			c.poly(teal, at(x), 113+near*0.7, at(x+w), 113+far*0.7, at(x+w), 500-(x+w)*0.567, at(x), 500-x*0.567)
			c.disc(yellow, at(x+w*0.82), 305-x*0.12, w*0.06)
		}
	}
	for _, side := range []float64{0, 1} {
		at := func(v float64) float64 { return side*800 + (1-2*side)*v }
		c.poly(wood, at(0), 352, at(300), 268, at(300), 274, at(0), 370)
	}
	c.pane(white, sky, 335, 175, 130, 110)
	c.poly(yellow, 355, 26, 445, 26, 430, 48, 370, 48)
	c.poly(yellow, 375, 88, 425, 88, 418, 100, 382, 100)
	c.plant(red, 320, 345, 80)
	c.person(blue, navy, silver, 462, 385, 165)
}

// kitchen cooks for many.
func kitchen(c *canvas, _ *rand.Rand) {
	c.backdrop(cream, tan, 440)
	for y := 150.0; y < 300; y += 30 {
		for i := range 21 {
			x := float64(i)*42 - float64(int(y)/30%2)*21
			c.round(white, x+2, y+2, 38, 26, 4)
		}
	}
	c.rect(brown, 40, 110, 250, 12)
	for i, jar := range []struct{ x, h float64 }{{60, 44}, {112, 56}, {166, 40}, {222, 52}} {
		c.round([]colour{red, yellow, teal, orange}[i], jar.x, 110-jar.h, 40, jar.h, 8)
		c.rect(brown, jar.x+4, 104-jar.h, 32, 8)
	}
	c.poly(grey, 420, 0, 520, 0, 540, 70, 640, 130, 300, 130, 400, 70)
	c.rect(slate, 300, 130, 340, 18)
	c.rect(white, 0, 300, 800, 22)
	c.rect(teal, 0, 322, 800, 118)
	for i := range 5 {
		x := 14 + float64(i)*160
		c.round(mint, x, 334, 132, 94, 6)
		c.round(white, x+50, 346, 32, 7, 3)
	}
	c.rect(slate, 360, 286, 220, 14)
	c.slice(ink, 440, 240, 90, 48, 0, 180)
	c.line(wood, 14, 526, 240, 590, 222)
	c.slice(leaf, 440, 242, 74, 22, 180, 360)
	for i := range 5 {
		c.disc([]colour{red, orange, yellow, forest, red}[i], 388+float64(i)*26, 234-float64(i%2)*8, 9)
	}
	c.steam(grey, 440, 212, 66)
	c.round(red, 615, 215, 120, 85, 10)
	c.round(wine, 605, 205, 140, 16, 8)
	c.disc(yellow, 675, 200, 9)
	c.round(wood, 60, 285, 170, 15, 5)
	c.blob(orange, 90, 285, 94, 262, 130, 256, 150, 285)
	c.blob(forest, 160, 285, 168, 250, 190, 246, 200, 285)
	c.line(mist, 7, 215, 282, 262, 250)
}

// classroom shows the last row of a lesson.
func classroom(c *canvas, _ *rand.Rand) {
	c.backdrop(cream, wood, 400)
	c.rect(brown, 180, 50, 470, 210)
	c.rect(forest, 192, 62, 446, 186)
	c.line(white, 5, 230, 110, 420, 110)
	c.curve(white, 5, 230, 145, 270, 135, 310, 150, 350, 140, 390, 147)
	c.curve(white, 5, 230, 180, 280, 172, 330, 184)
	c.bow(yellow, 6, 540, 150, 48, 48, 0, 360)
	c.line(yellow, 5, 540, 102, 540, 198)
	c.line(yellow, 5, 492, 150, 588, 150)
	c.rect(tan, 180, 260, 470, 10)
	c.pane(white, sky, 30, 70, 110, 160)
	c.disc(white, 725, 120, 44)
	c.bow(ink, 6, 725, 120, 44, 44, 0, 360)
	c.line(ink, 5, 725, 120, 725, 90)
	c.line(ink, 5, 725, 120, 745, 130)
	c.person(red, navy, ink, 440, 405, 240)
	for i, x := range []float64{110, 305, 535, 710} {
		c.round([]colour{blue, yellow, mint, pink}[i], x-52, 355, 104, 150, 40)
		c.rect(skin, x-13, 335, 26, 30)
		c.disc([]colour{ink, silver, brown, silver}[i], x, 310, 42)
		c.rect(tan, x-95, 440, 190, 16)
		c.rect(brown, x-85, 456, 12, 44)
		c.rect(brown, x+73, 456, 12, 44)
	}
}

// clinic has a doctor at the door of the consulting room.
func clinic(c *canvas, _ *rand.Rand) {
	c.backdrop(rgb(0xe9f3f1), mint, 400)
	c.rect(teal, 0, 392, 800, 8)
	c.disc(white, 120, 120, 64)
	c.rect(red, 104, 78, 32, 84)
	c.rect(red, 78, 104, 84, 32)
	c.rect(white, 610, 60, 130, 190)
	for row := range 5 {
		size := 26 - float64(row)*4.5
		for i := range row + 1 {
			x := 675 + (float64(i)-float64(row)/2)*(size+8)
			y := 85 + float64(row)*34
			c.rect(ink, x-size/2, y-size/2, size, size*0.24)
			c.rect(ink, x-size/2, y-size*0.12, size, size*0.24)
			c.rect(ink, x-size/2, y+size*0.26, size, size*0.24)
			c.rect(ink, x-size/2, y-size/2, size*0.24, size)
		}
	}
	c.round(blue, 40, 330, 230, 34, 12)
	c.round(white, 46, 308, 70, 30, 14)
	c.rect(slate, 60, 364, 10, 70)
	c.rect(slate, 240, 364, 10, 70)
	c.rect(grey, 300, 190, 6, 240)
	c.line(grey, 6, 280, 430, 326, 430)
	c.round(sky, 282, 170, 40, 56, 10)
	c.person(white, navy, ink, 440, 455, 330)
	c.bow(slate, 5, 440, 226, 24, 46, 10, 170)
	c.line(slate, 5, 440, 272, 440, 300)
	c.disc(slate, 440, 304, 9)
	c.line(grey, 3, 440, 330, 440, 338)
	c.person(orange, slate, silver, 575, 455, 300)
	c.plant(teal, 730, 455, 150)
}

// lobby receives visitors.
func lobby(c *canvas, _ *rand.Rand) {
	c.backdrop(cream, tan, 390)
	c.rect(sky, 40, 70, 300, 320)
	c.land(grass, 40, 330, 120, 315, 230, 335, 340, 320)
	c.rect(tan, 0, 390, 800, 110)
	c.tree(leaf, 120, 345, 150)
	c.tree(forest, 270, 350, 190)
	for _, x := range []float64{34, 184, 334} {
		c.rect(brown, x, 64, 12, 326)
	}
	c.rect(brown, 34, 64, 312, 12)
	c.rect(brown, 168, 220, 6, 60)
	c.rect(brown, 206, 220, 6, 60)
	c.ellipse(sand, 250, 452, 250, 34)
	c.round(teal, 110, 340, 240, 80, 22)
	c.round(forest, 95, 372, 60, 70, 18)
	c.round(forest, 305, 372, 60, 70, 18)
	c.round(teal, 140, 395, 180, 46, 12)
	c.round(yellow, 160, 350, 52, 48, 10)
	c.round(red, 250, 350, 52, 48, 10)
	for _, x := range []float64{480, 580, 680} {
		c.line(ink, 3, x, 0, x, 66)
		c.slice(orange, x, 104, 38, 40, 180, 360)
		c.ellipse(yellow, x, 104, 38, 7)
	}
	c.round(white, 470, 165, 230, 60, 8)
	for i := range 4 {
		c.round([]colour{red, orange, teal, blue}[i], 488+float64(i)*52, 180, 38, 30, 4)
	}
	c.face(ink, 560, 262, 30)
	c.round(red, 518, 296, 84, 70, 24)
	c.round(wood, 440, 330, 290, 120, 8)
	c.round(brown, 425, 318, 320, 20, 6)
	for x := 460.0; x < 720; x += 30 {
		c.rect(brown, x, 350, 4, 90)
	}
	c.round(ink, 640, 272, 66, 46, 5)
	c.plant(red, 766, 462, 150)
}

// workshop has every tool on its hook.
func workshop(c *canvas, _ *rand.Rand) {
	c.backdrop(sand, tan, 420)
	c.round(wood, 90, 40, 620, 230, 8)
	for x := 115.0; x < 700; x += 28 {
		for y := 62.0; y < 260; y += 28 {
			c.disc(brown, x, y, 2.5)
		}
	}
	c.rect(tan, 160, 120, 16, 125) // hammer
	c.round(slate, 128, 88, 84, 36, 6)
	c.poly(mist, 250, 90, 420, 118, 420, 138, 250, 172) // saw
	for i := range 12 {
		x := 252 + float64(i)*14
		y := 172 - float64(i)*2.9
		c.poly(mist, x, y-4, x+14, y-7, x+7, y+8)
	}
	c.round(red, 238, 82, 40, 98, 14)
	c.round(wood, 250, 102, 16, 56, 8)
	c.line(grey, 20, 490, 115, 490, 225) // wrench
	c.disc(grey, 490, 104, 32)
	c.rect(wood, 479, 66, 22, 38)
	c.rect(yellow, 559, 80, 24, 76) // screwdrivers
	c.rect(grey, 567, 156, 8, 84)
	c.rect(teal, 609, 80, 24, 76)
	c.rect(grey, 617, 156, 8, 70)
	c.bow(ink, 10, 668, 160, 10, 60, 0, 360)
	c.rect(brown, 50, 335, 700, 30)
	c.rect(brown, 90, 365, 32, 120)
	c.rect(brown, 678, 365, 32, 120)
	c.rect(wood, 122, 430, 556, 16)
	c.round(red, 500, 272, 150, 63, 8)
	c.bow(wine, 9, 575, 272, 34, 26, 180, 360)
	c.rect(yellow, 564, 288, 22, 16)
	c.poly(sand, 150, 322, 390, 322, 390, 335, 150, 335)
	c.poly(tan, 170, 308, 410, 308, 410, 322, 170, 322)
	c.bow(sand, 7, 440, 320, 14, 12, 90, 400)
	c.bow(sand, 7, 466, 326, 9, 8, 90, 400)
	c.round(teal, 200, 396, 110, 34, 4)
	c.round(orange, 330, 388, 80, 42, 4)
	c.round(blue, 430, 400, 130, 30, 4)
}

// bed is made, in a sunny room.
func bed(c *canvas, _ *rand.Rand) {
	c.backdrop(rgb(0xe4efe8), wood, 400)
	c.pane(white, sky, 70, 60, 190, 200)
	c.poly(pink, 50, 48, 110, 48, 90, 180, 60, 290, 50, 290)
	c.poly(pink, 280, 48, 220, 48, 240, 180, 270, 290, 280, 290)
	c.rect(brown, 36, 40, 260, 10)
	c.rect(white, 470, 70, 150, 100)
	c.rect(sky, 480, 80, 130, 80)
	c.hill(forest, 480, 160, 515, 110, 545, 135, 575, 100, 610, 160)
	c.ellipse(sand, 430, 462, 330, 30)
	c.round(brown, 250, 230, 26, 220, 8)
	c.round(brown, 690, 310, 22, 140, 8)
	c.rect(brown, 262, 380, 440, 28)
	c.round(white, 270, 335, 430, 56, 14)
	c.round(cream, 282, 298, 110, 46, 20)
	c.blob(teal, 385, 390, 390, 330, 430, 315, 560, 312, 670, 318, 700, 340, 704, 398, 560, 402)
	c.blob(mint, 385, 360, 395, 326, 430, 314, 450, 316, 440, 360, 420, 396, 390, 396)
	for i := range 3 {
		c.line(yellow, 6, 490+float64(i)*70, 325, 482+float64(i)*70, 392)
	}
	c.line(grey, 9, 470, 372, 470, 292, 610, 292, 610, 372)
	c.line(grey, 7, 515, 372, 515, 296)
	c.line(grey, 7, 562, 372, 562, 296)
	c.round(wood, 110, 340, 110, 110, 6)
	c.rect(brown, 122, 385, 86, 5)
	c.disc(yellow, 165, 366, 6)
	c.disc(yellow, 165, 414, 6)
	c.rect(brown, 161, 300, 8, 40)
	c.poly(yellow, 135, 302, 195, 302, 180, 250, 150, 250)
	c.plant(red, 758, 455, 110)
}

// window looks out of a quiet room.
func window(c *canvas, r *rand.Rand) {
	c.rect(rgb(0xf4dcc6), 0, 0, Width, Height)
	c.rect(white, 190, 40, 420, 350)
	c.rect(sky, 206, 56, 388, 318)
	c.disc(yellow, 500, 130, 38)
	for i := range 2 {
		x := 270 + float64(i)*150 + 40*r.Float64()
		y := 95 + 60*r.Float64()
		c.round(white, x-40, y, 86, 20, 10)
		c.disc(white, x, y, 18)
	}
	c.hill(mint, 206, 374, 206, 270, 330, 190, 440, 280, 520, 230, 594, 290, 594, 374)
	c.hill(leaf, 206, 374, 206, 320, 300, 285, 420, 335, 594, 300, 594, 374)
	c.rect(white, 393, 56, 14, 318)
	c.rect(white, 206, 170, 388, 12)
	c.rect(brown, 110, 26, 580, 12)
	c.disc(brown, 110, 32, 14)
	c.disc(brown, 690, 32, 14)
	c.blob(red, 130, 38, 290, 38, 270, 150, 215, 260, 200, 400, 130, 420)
	c.blob(red, 670, 38, 510, 38, 530, 150, 585, 260, 600, 400, 670, 420)
	c.round(yellow, 148, 262, 84, 14, 7)
	c.round(yellow, 568, 262, 84, 14, 7)
	c.round(wood, 140, 388, 520, 26, 6)
	c.rect(shade, 150, 414, 500, 8)
	c.plant(teal, 270, 388, 110)
	c.plant(orange, 350, 388, 80)
	c.blob(ink, 450, 388, 445, 350, 462, 318, 492, 318, 512, 350, 515, 388) // a cat
	c.disc(ink, 478, 302, 24)
	c.poly(ink, 456, 298, 458, 266, 476, 284)
	c.poly(ink, 500, 298, 498, 266, 480, 284)
	c.curve(ink, 10, 508, 380, 545, 378, 556, 350, 548, 332)
}
