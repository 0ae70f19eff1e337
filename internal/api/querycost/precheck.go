package querycost

import "github.com/tonggao/tonggao/internal/foundation/fault"

// Shape has the sizes of a document that are known without parsing it.
type Shape struct {
	Tokens     int // comments included
	Aliases    int
	Fragments  int // definitions
	Spreads    int // inline ones included
	Directives int
	Nesting    int // of brackets of all kinds
	Repeats    int // of the most frequent name outside of arguments
	Name       int // bytes of the longest one
}

// Precheck returns an error if a document exceeds a limit in one dimension. It does not check
// its grammar.
func Precheck(query string, l Limits) error {
	l = l.WithDefaults()
	s := Measure(query)
	for _, c := range [...]struct {
		name     string
		n, limit int
		advice   string
	}{
		{"tokens", s.Tokens, l.Tokens, "send variables instead of literals, or several requests"},
		{"aliases", s.Aliases, l.Aliases, "send several requests"},
		{"fragments", s.Fragments, l.Fragments, "leave out those that are not needed"},
		{"spreads of fragments", s.Spreads, l.Spreads, "spread each fragment once in an object"},
		{"directives", s.Directives, l.Directives, "leave out the fields instead"},
		{"levels of brackets", s.Nesting, l.Nesting, "nest less deeply"},
		{"repetitions of one name", s.Repeats, l.Repeats, "ask for each field once"},
		{"bytes in one name", s.Name, l.Name, "no name in the schema is as long"},
	} {
		if c.n > c.limit {
			return fault.New(fault.TooExpensive, "the document has %d %s, and at most %d are allowed; %s", c.n, c.name, c.limit, c.advice)
		}
	}
	return nil
}

// Measure returns the shape of a document, which need not be well formed. If gqlparser can
// parse it, Measure counts the same tokens.
func Measure(query string) Shape {
	m := measure{scanner: scanner{doc: query}}
	for {
		kind, start := m.next()
		if kind == end {
			return m.Shape
		}
		m.count(kind, query[start:m.at])
	}
}

// measure computes a Shape.
type measure struct {
	scanner
	Shape
	open   int // brackets
	parens int // round ones

	// Names are counted by their hash in fixed memory. Two names that share a slot
	// count as one: with a thousand tokens that adds a handful of repetitions.
	names [512]int32
}

func (m *measure) count(kind byte, token string) {
	m.Tokens++
	switch kind {
	case '(':
		m.parens++
		m.enter()
	case '{', '[':
		m.enter()
	case ')':
		m.parens = max(0, m.parens-1)
		m.leave()
	case '}', ']':
		m.leave()
	case spread:
		m.Spreads++
	case '@':
		m.Directives++
	case ':':
		if m.parens == 0 { // colons of arguments, objects and variables are in parentheses
			m.Aliases++
		}
	case name:
		m.name(token)
	}
}

func (m *measure) enter() {
	m.open++
	m.Nesting = max(m.Nesting, m.open)
}

func (m *measure) leave() { m.open = max(0, m.open-1) }

func (m *measure) name(token string) {
	m.Name = max(m.Name, len(token))
	if m.parens > 0 {
		return
	}
	if m.open == 0 && token == "fragment" {
		m.Fragments++
		return
	}
	slot := &m.names[hash(token)%uint32(len(m.names))]
	*slot++
	m.Repeats = max(m.Repeats, int(*slot))
}

// hash returns the FNV-1a hash of s.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
