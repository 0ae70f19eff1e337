package htmlin

// closeImplied closes the elements whose end tag is implied by a start tag.
func (b *builder) closeImplied(name string, c class) {
	if c != section && c != row && c != cell {
		b.closeParagraph()
	}
	switch c {
	case heading:
		if n := len(b.open); n > 0 && b.open[n-1].class == heading {
			b.closeFrom(n - 1)
		}
	case item:
		b.closeNearest(func(e element) bool { return e.class == item }, func(e element) bool {
			return e.class == list || e.class == table || e.class == cell || e.class == caption
		})
	case section, row, cell, caption:
		if name != "figcaption" {
			b.closeNearest(func(e element) bool { return endsBefore(e.class, c) }, func(e element) bool { return e.class == table })
		}
	}
}

// endsBefore reports whether the start of another part ends an open part of a table.
func endsBefore(open, next class) bool {
	switch next {
	case cell:
		return open == cell || open == caption
	case row:
		return open == row || open == cell || open == caption
	}
	return open == row || open == cell || open == section || open == caption
}

func (b *builder) closeParagraph() { b.closeNamed("p") }

// closeNearest closes all elements that match, with their content, up to the innermost
// one that stops the search.
func (b *builder) closeNearest(match, stop func(element) bool) {
	lowest := -1
	for i := len(b.open) - 1; i >= 0 && !stop(b.open[i]); i-- {
		if match(b.open[i]) {
			lowest = i
		}
	}
	if lowest >= 0 {
		b.closeFrom(lowest)
	}
}

// end handles an end tag.
func (b *builder) end(name string) {
	switch c := classes[name]; {
	case name == "br":
		b.breakLine()
	case void[name]:
	case !c.breaks():
		b.endInline(name)
	default:
		if b.listing == nil && c != section && c != row {
			b.flush() // a stray end tag ends the line too
		}
		b.closeNamed(name)
	}
}

// closeNamed closes the innermost element of the name and its content. Parts of a table
// are only closed by one another.
func (b *builder) closeNamed(name string) {
	c := classes[name]
	ofTable := c == table || c == section || c == row || c == cell
	for i := len(b.open) - 1; i >= 0; i-- {
		e := b.open[i]
		if e.name == name {
			b.closeFrom(i)
			return
		}
		if e.class == table || !ofTable && (e.class == cell || e.class == caption) || name == "p" && e.class == control {
			return
		}
	}
}

// endInline removes one element from the stack; the elements inside of it stay open.
func (b *builder) endInline(name string) {
	for i := len(b.open) - 1; i >= 0; i-- {
		if e := b.open[i]; e.name == name {
			if name == "ruby" {
				b.endInline("rt")
			}
			if e.effect.drawn && i > 0 && b.open[i-1].state.in&inDrawing != 0 {
				b.flush()
			}
			b.open = append(b.open[:i], b.open[i+1:]...)
			b.restate(i)
			b.closed(e)
			return
		} else if e.class == cell || e.class == caption {
			return
		}
	}
}

// restate computes the states of the elements from index i on.
func (b *builder) restate(i int) {
	var around state
	if i > 0 {
		around = b.open[i-1].state
	}
	for ; i < len(b.open); i++ {
		e := &b.open[i]
		if e.framed {
			around.level, around.wordList, around.align = 0, 0, ""
		}
		e.state = around.with(e.effect)
		around = e.state
	}
}

// closeFrom closes the element at index i and its content.
func (b *builder) closeFrom(i int) {
	for len(b.open) > i {
		e := b.open[len(b.open)-1]
		if e.class.breaks() {
			if b.listing == nil {
				b.flush()
			} else if e.class == code {
				b.closeListing()
			} else if s := b.listing.String(); s != "" && s[len(s)-1] != '\n' {
				b.listing.WriteByte('\n')
			}
		}
		b.open = b.open[:len(b.open)-1]
		if e.class == section {
			b.top().header = false
		}
		if e.framed {
			b.closeFrame()
		}
		if e.class == figure {
			b.closeFigure(e)
		}
		b.closed(e)
	}
}
