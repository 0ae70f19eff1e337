package picture

import "image/color"

// colour is shorter to read in the scenes.
type colour = color.NRGBA

// One palette for all pictures, so that a page of them looks like one hand.
var (
	white  = rgb(0xffffff)
	cream  = rgb(0xfbf3e4)
	sand   = rgb(0xeedfc0)
	tan    = rgb(0xd8b98a)
	wood   = rgb(0xb9855a)
	brown  = rgb(0x7d5238)
	ink    = rgb(0x2f3440)
	slate  = rgb(0x5b6675)
	grey   = rgb(0xb4bcc4)
	mist   = rgb(0xe3e9ec)
	sky    = rgb(0xcfe7ee)
	blue   = rgb(0x5a94bd)
	navy   = rgb(0x27435e)
	water  = rgb(0x8fc3d4)
	teal   = rgb(0x3a8580)
	mint   = rgb(0xb5d9c6)
	leaf   = rgb(0x77ad68)
	forest = rgb(0x3f7a57)
	grass  = rgb(0xa5cb84)
	yellow = rgb(0xf3c65a)
	orange = rgb(0xe8924f)
	red    = rgb(0xcb4b3f)
	wine   = rgb(0x8f2f33)
	pink   = rgb(0xf2bfae)
	skin   = rgb(0xf3cdab)
	silver = rgb(0xd9d6d1) // hair of the old
	shade  = colour{A: 26}
	shine  = colour{R: 255, G: 255, B: 255, A: 90}
)

func rgb(hex uint32) colour {
	return colour{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}
