package picture

import (
	"math"
	"math/rand/v2"
)

// bus stops with its ramp out.
func bus(c *canvas, r *rand.Rand) {
	c.backdrop(sky, slate, 400)
	c.clouds(r, 4, 90)
	c.hill(mint, 0, 400, 0, 300, 140, 250, 300, 300, 470, 240, 640, 290, 800, 250, 800, 400)
	c.tree(leaf, 60, 395, 160)
	c.tree(forest, 750, 395, 190)
	c.rect(grey, 0, 385, 800, 22)
	for x := 10.0; x < 800; x += 140 {
		c.rect(cream, x, 462, 80, 8)
	}
	c.ellipse(shade, 400, 428, 300, 14)
	c.round(teal, 110, 140, 570, 275, 30)
	c.round(cream, 110, 320, 570, 42, 6)
	c.round(white, 130, 152, 530, 12, 6)
	for i := range 3 {
		c.round(navy, 138+float64(i)*104, 182, 92, 112, 10)
		c.round(sky, 144+float64(i)*104, 188, 80, 100, 8)
		c.poly(shine, 150+float64(i)*104, 270, 190+float64(i)*104, 192, 208+float64(i)*104, 192, 168+float64(i)*104, 270)
	}
	for i, hair := range []colour{silver, ink, silver} {
		x := 184 + float64(i)*104
		c.round([]colour{red, yellow, blue}[i], x-24, 262, 48, 26, 12)
		c.face(hair, x, 244, 19)
	}
	c.round(navy, 455, 182, 104, 216, 8)
	c.round(sky, 461, 188, 44, 204, 4)
	c.round(sky, 509, 188, 44, 204, 4)
	c.poly(navy, 582, 182, 660, 182, 674, 300, 582, 300)
	c.poly(sky, 588, 188, 655, 188, 666, 294, 588, 294)
	c.round(yellow, 664, 345, 18, 28, 6)
	c.round(ink, 560, 150, 90, 22, 4)
	c.round(orange, 570, 155, 70, 12, 3)
	for _, x := range []float64{215, 608} {
		c.disc(ink, x, 410, 48)
		c.disc(grey, x, 410, 24)
		c.disc(slate, x, 410, 9)
	}
	c.poly(yellow, 452, 398, 560, 398, 520, 446, 400, 446)
	c.poly(orange, 400, 446, 520, 446, 520, 454, 400, 454)
}

// handrail climbs beside the stairs.
func handrail(c *canvas, _ *rand.Rand) {
	c.backdrop(rgb(0xe7eee6), tan, 460)
	c.pane(white, sky, 90, 60, 150, 170)
	c.rect(mint, 0, 300, 800, 160)
	for i := range 7 {
		x, y := 220+float64(i)*84, 460-float64(i+1)*40
		c.rect(sand, x, y, 800-x, 40)
		c.rect(yellow, x, y, 84, 8)
		c.rect(tan, x, y+8, 5, 32)
	}
	c.person(blue, navy, silver, 445, 340, 270)
	for i := range 4 {
		x, y := 200+float64(i)*168, 462-float64(i)*80
		c.line(slate, 10, x, y, x, y-150)
	}
	c.line(wood, 22, 130, 312, 200, 306, 704, 66, 800, 60)
	c.line(brown, 5, 134, 318, 202, 313, 706, 73, 800, 67)
	c.line(wood, 13, 200, 375, 704, 135, 800, 130)
	c.round(skin, 374, 201, 34, 26, 12) // her hand is on it
	c.plant(red, 90, 462, 130)
}

// wheelchair waits in the sun.
func wheelchair(c *canvas, _ *rand.Rand) {
	c.backdrop(rgb(0xf7e6cf), rgb(0xdcc8a4), 410)
	c.pane(white, sky, 520, 60, 200, 210)
	c.poly(shine, 480, 410, 620, 410, 500, 500, 300, 500)
	c.plant(teal, 110, 430, 190)
	c.ellipse(shade, 390, 462, 190, 14)
	c.line(slate, 12, 290, 150, 312, 340, 450, 340, 500, 430, 545, 430)
	c.line(slate, 12, 290, 150, 252, 140)
	c.line(ink, 18, 262, 142, 238, 136)
	c.line(slate, 11, 312, 255, 440, 255, 450, 340)
	c.round(brown, 325, 240, 120, 20, 10)
	c.poly(red, 296, 160, 322, 160, 340, 318, 312, 330)
	c.round(red, 312, 312, 150, 34, 14)
	c.round(wine, 318, 334, 140, 12, 6)
	c.round(ink, 496, 426, 70, 14, 7)
	c.bow(ink, 16, 355, 362, 96, 96, 0, 360)
	c.bow(grey, 6, 355, 362, 78, 78, 0, 360)
	for i := range 12 {
		a := float64(i) * math.Pi / 6
		c.line(grey, 3, 355, 362, 355+80*math.Cos(a), 362+80*math.Sin(a))
	}
	c.disc(slate, 355, 362, 15)
	c.line(slate, 9, 455, 345, 478, 420)
	c.bow(ink, 12, 480, 434, 24, 24, 0, 360)
	c.disc(slate, 480, 434, 7)
	c.poly(yellow, 318, 292, 440, 292, 452, 314, 318, 314)
}

// tablet shows an article.
func tablet(c *canvas, _ *rand.Rand) {
	c.rect(rgb(0xdfeceb), 0, 0, Width, Height)
	c.poly(tan, 0, 380, 800, 380, 800, 500, 0, 500)
	c.rect(wood, 0, 380, 800, 10)
	c.ellipse(shade, 400, 455, 250, 16)
	c.round(ink, 200, 50, 400, 400, 26)
	c.round(white, 218, 70, 364, 360, 8)
	c.round(red, 218, 70, 364, 40, 8)
	c.round(white, 236, 82, 90, 16, 6)
	c.rect(sky, 236, 124, 328, 130)
	c.disc(yellow, 500, 158, 18)
	c.hill(leaf, 236, 254, 236, 226, 320, 186, 400, 226, 480, 200, 564, 232, 564, 254)
	c.round(ink, 236, 270, 250, 18, 6)
	for i := range 6 {
		w := []float64{328, 310, 328, 280, 320, 190}[i]
		c.round(grey, 236, 304+float64(i)*20, w, 9, 4)
	}
	c.disc(slate, 400, 441, 4)
	c.round(white, 655, 320, 86, 92, 14)
	c.bow(white, 12, 745, 362, 22, 24, -90, 90)
	c.ellipse(brown, 698, 324, 38, 8)
	c.steam(white, 698, 305, 80)
	c.bow(brown, 7, 76, 432, 34, 28, 0, 360)
	c.bow(brown, 7, 158, 432, 34, 28, 0, 360)
	c.bow(brown, 6, 117, 430, 9, 7, 180, 360)
	c.line(brown, 6, 42, 428, 30, 396)
}

// chart stands on its easel.
func chart(c *canvas, r *rand.Rand) {
	c.backdrop(rgb(0xe3ecf1), rgb(0xc7d5dc), 420)
	c.line(brown, 14, 240, 380, 190, 490)
	c.line(brown, 14, 560, 380, 610, 490)
	c.round(slate, 90, 36, 620, 372, 14)
	c.round(white, 102, 48, 596, 348, 8)
	for y := 110.0; y < 340; y += 50 {
		c.rect(mist, 140, y, 330, 3)
	}
	c.rect(slate, 138, 84, 4, 262)
	c.rect(slate, 138, 344, 340, 4)
	var trend []float64
	for i := range 6 {
		h := 60 + float64(i)*26 + 36*r.Float64()
		x := 158 + float64(i)*53
		c.round([]colour{teal, teal, teal, teal, teal, orange}[i], x, 344-h, 34, h, 4)
		trend = append(trend, x+17, 300-h)
	}
	c.line(red, 6, trend...)
	for i := 0; i < len(trend); i += 2 {
		c.disc(red, trend[i], trend[i+1], 9)
		c.disc(white, trend[i], trend[i+1], 4)
	}
	c.disc(blue, 590, 160, 72)
	c.slice(yellow, 590, 160, 72, 72, -90, 35)
	c.slice(red, 590, 160, 72, 72, 35, 110)
	c.disc(white, 590, 160, 32)
	for i, paint := range []colour{yellow, red, blue} {
		c.round(paint, 530, 268+float64(i)*32, 20, 18, 4)
		c.round(grey, 562, 272+float64(i)*32, 100-float64(i)*18, 10, 5)
	}
}

// calligraphy is drying on the table.
func calligraphy(c *canvas, _ *rand.Rand) {
	c.rect(wood, 0, 0, Width, Height)
	for y := 40.0; y < 500; y += 92 {
		c.rect(brown, 0, y, 800, 3)
	}
	c.poly(shade, 172, 42, 512, 42, 512, 482, 172, 482)
	c.rect(red, 160, 26, 340, 448)
	c.rect(cream, 178, 44, 304, 412)
	// 山, the mountain, in three strokes
	c.curve(ink, 32, 330, 112, 334, 190, 328, 306)
	c.curve(ink, 26, 238, 186, 243, 250, 236, 308, 330, 316, 424, 306)
	c.curve(ink, 27, 425, 178, 430, 240, 423, 314)
	c.rect(red, 198, 398, 26, 40)
	c.line(white, 3, 204, 406, 218, 406, 218, 418, 204, 418, 204, 430, 218, 430)
	c.round(shade, 576, 300, 160, 150, 20)
	c.round(ink, 568, 290, 160, 150, 20)
	c.round(slate, 580, 302, 136, 126, 14)
	c.ellipse(ink, 648, 380, 54, 38)
	c.ellipse(shine, 634, 370, 18, 6)
	c.line(tan, 16, 700, 40, 586, 196)
	c.line(red, 18, 702, 38, 694, 48)
	c.line(brown, 18, 590, 190, 582, 201)
	c.blob(ink, 575, 190, 594, 204, 574, 236, 548, 262, 552, 226)
	c.round(white, 40, 330, 84, 70, 30)
	c.ellipse(sky, 82, 338, 36, 11)
	c.round(teal, 30, 90, 100, 20, 8)
	c.round(teal, 30, 190, 100, 20, 8)
}

// checkers is half played.
func checkers(c *canvas, _ *rand.Rand) {
	c.rect(forest, 0, 0, Width, Height)
	c.disc(rgb(0x4d8a66), 400, 250, 330)
	c.round(shade, 222, 64, 380, 400, 12)
	c.round(brown, 210, 50, 380, 400, 12)
	const side = 55
	for row := range 6 {
		for column := range 6 {
			paint := sand
			if (row+column)%2 == 1 {
				paint = wood
			}
			c.rect(paint, 235+float64(column)*side, 85+float64(row)*side, side, side)
		}
	}
	piece := func(column, row int, paint, rim colour) {
		x, y := 235+(float64(column)+0.5)*side, 85+(float64(row)+0.5)*side
		c.disc(shade, x+3, y+5, 22)
		c.disc(rim, x, y, 22)
		c.disc(paint, x, y-2, 20)
		c.bow(rim, 3, x, y-2, 12, 12, 0, 360)
	}
	for _, at := range [][2]int{{1, 0}, {3, 0}, {5, 0}, {0, 1}, {4, 1}, {3, 2}} {
		piece(at[0], at[1], ink, rgb(0x15181f))
	}
	for _, at := range [][2]int{{0, 5}, {2, 5}, {4, 5}, {1, 4}, {5, 4}, {2, 3}} {
		piece(at[0], at[1], red, wine)
	}
	for i, x := range []float64{110, 690} {
		y := 150 + float64(i)*200
		c.disc(shade, x+4, y+6, 62)
		c.disc(white, x, y, 60)
		c.disc(mist, x, y, 48)
		c.disc(white, x, y, 40)
		c.disc([]colour{orange, leaf}[i], x, y, 33)
		c.ellipse(shine, x-10, y-12, 12, 7)
	}
	for i, at := range [][2]float64{{95, 340}, {130, 372}, {86, 392}} {
		c.disc(shade, at[0]+3, at[1]+5, 22)
		c.disc([]colour{red, red, red}[i], at[0], at[1], 22)
		c.bow(wine, 3, at[0], at[1], 13, 13, 0, 360)
	}
	c.disc(shade, 701, 125, 22)
	c.disc(ink, 698, 120, 22)
	c.bow(slate, 3, 698, 120, 13, 13, 0, 360)
}

// noodles come with an egg and greens.
func noodles(c *canvas, _ *rand.Rand) {
	c.backdrop(rgb(0xf6d9b4), wood, 330)
	c.rect(brown, 0, 330, 800, 10)
	c.ellipse(shade, 400, 448, 210, 22)
	c.steam(white, 390, 150, 120)
	c.ellipse(white, 400, 235, 260, 62)
	c.ellipse(orange, 400, 237, 238, 50)
	for i := range 7 {
		x := 250 + float64(i)*28
		c.bow(yellow, 9, x+40, 250, 62, 22, 185, 350)
		c.bow(cream, 5, x+34, 246, 56, 24, 190, 345)
	}
	c.ellipse(white, 300, 232, 46, 24)
	c.ellipse(orange, 302, 230, 22, 12)
	c.blob(forest, 470, 232, 500, 200, 560, 205, 590, 226, 540, 250)
	c.blob(leaf, 450, 245, 480, 222, 530, 230, 556, 250, 500, 262)
	for i := range 4 {
		c.ellipse([]colour{wine, red, wine, red}[i], 380+float64(i)*24, 215+float64(i%2)*8, 22, 12)
	}
	for i := range 9 {
		c.ellipse(leaf, 340+float64(i*37%170), 250+float64(i*13%26), 6, 4)
	}
	c.slice(red, 400, 240, 260, 190, 4, 176)
	c.bow(white, 8, 400, 238, 250, 62, 8, 172)
	c.bow(yellow, 7, 400, 270, 214, 84, 20, 160)
	c.rect(wine, 320, 424, 160, 22)
	c.line(brown, 11, 730, 60, 480, 222)
	c.line(brown, 11, 760, 84, 496, 232)
	c.round(white, 60, 380, 120, 40, 20)
	c.ellipse(red, 120, 384, 48, 12)
}

// choir sings in two rows.
func choir(c *canvas, r *rand.Rand) {
	c.rect(wine, 0, 0, Width, Height)
	for x := 0.0; x < 800; x += 80 {
		c.rect(rgb(0xa33b3b), x, 0, 40, 400)
	}
	c.slice(yellow, 400, 0, 320, 42, 0, 180)
	c.rect(brown, 0, 410, 800, 90)
	c.rect(wood, 60, 372, 680, 60)
	c.rect(tan, 60, 372, 680, 10)
	hairs := []colour{silver, ink, silver, white, slate, silver}
	for row := range 2 {
		for i := range 6 - row {
			x := 400 + (float64(i)-float64(5-row)/2)*112
			ground := 380 + float64(row)*90
			robe := []colour{teal, cream}[row]
			c.round(robe, x-42, ground-178, 84, 180, 30)
			c.poly(robe, x-42, ground-110, x+42, ground-110, x+52, ground, x-52, ground)
			c.poly([]colour{cream, red}[row], x-18, ground-178, x+18, ground-178, x, ground-130)
			c.face(hairs[r.IntN(len(hairs))], x, ground-212, 36)
			c.ellipse(wine, x, ground-193, 8, 11)
			c.round(navy, x-32, ground-112, 64, 40, 4)
			c.rect(white, x-2, ground-112, 4, 40)
			c.disc(skin, x-30, ground-90, 10)
			c.disc(skin, x+30, ground-90, 10)
		}
	}
	for i := range 5 {
		x, y := 70+float64(i)*165, 40+50*r.Float64()
		c.ellipse(yellow, x, y+34, 12, 9)
		c.line(yellow, 5, x+10, y+32, x+10, y-6)
		c.curve(yellow, 5, x+10, y-6, x+24, y+4, x+26, y+16)
	}
}
