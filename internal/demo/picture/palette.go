package picture

import "image/color"

// One palette for all pictures, so that a page of them looks like one hand.
var (
	white  = hex(0xffffff)
	cream  = hex(0xfbf3e4)
	sand   = hex(0xeedfc0)
	tan    = hex(0xd8b98a)
	wood   = hex(0xb9855a)
	brown  = hex(0x7d5238)
	ink    = hex(0x2f3440)
	slate  = hex(0x5b6675)
	grey   = hex(0xb4bcc4)
	mist   = hex(0xe3e9ec)
	sky    = hex(0xcfe7ee)
	blue   = hex(0x5a94bd)
	navy   = hex(0x27435e)
	water  = hex(0x8fc3d4)
	teal   = hex(0x3a8580)
	mint   = hex(0xb5d9c6)
	leaf   = hex(0x77ad68)
	forest = hex(0x3f7a57)
	grass  = hex(0xa5cb84)
	yellow = hex(0xf3c65a)
	orange = hex(0xe8924f)
	red    = hex(0xcb4b3f)
	wine   = hex(0x8f2f33)
	pink   = hex(0xf2bfae)
	skin   = hex(0xf3cdab)
	silver = hex(0xd9d6d1) // hair of the old
	shade  = color.NRGBA{A: 26}
	shine  = color.NRGBA{R: 255, G: 255, B: 255, A: 90}
)

func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 255}
}
