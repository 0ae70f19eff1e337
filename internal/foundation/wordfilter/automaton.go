package wordfilter

// automaton is an Aho-Corasick automaton over folded characters: each character of a text
// causes at most one step forward, and there are no more steps back than forward.
type automaton struct {
	root  [1 << 16]int32 // transitions from the root, which are most of them
	steps table          // the other transitions
	fail  []int32        // the state to continue in when there is no transition
	word  []int32        // the word that ends here, or -1
	next  []int32        // the nearest state along the fail links where a word ends, or -1
}

// build returns the automaton of words, which must not be empty.
func build(words [][]rune) *automaton {
	a := &automaton{fail: []int32{0}, word: []int32{-1}, next: []int32{-1}}
	trie := make(map[uint64]int32)
	children := [][]rune{nil}
	for i, word := range words {
		var state int32
		for _, r := range word {
			to, known := trie[key(state, r)]
			if !known {
				to = int32(len(a.fail))
				a.fail, a.word, a.next = append(a.fail, 0), append(a.word, -1), append(a.next, -1)
				children = append(children, nil)
				children[state] = append(children[state], r)
				trie[key(state, r)] = to
			}
			state = to
		}
		a.word[state] = int32(i)
	}
	a.steps = newTable(len(trie))
	for k, to := range trie {
		if k>>21 == 0 && k < 1<<16 {
			a.root[k] = to
		} else {
			a.steps.put(k, to)
		}
	}
	a.link(children)
	return a
}

// link sets the fail links, breadth first.
func (a *automaton) link(children [][]rune) {
	queue := []int32{0}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		for _, r := range children[state] {
			to := a.step(state, r)
			if state != 0 {
				a.fail[to] = a.follow(a.fail[state], r)
			}
			if back := a.fail[to]; a.word[back] >= 0 {
				a.next[to] = back
			} else {
				a.next[to] = a.next[back]
			}
			queue = append(queue, to)
		}
	}
}

// step returns the transition of a state on a character, or 0 where there is none.
func (a *automaton) step(state int32, r rune) int32 {
	if state == 0 && r < 1<<16 {
		return a.root[r]
	}
	return a.steps.get(key(state, r))
}

// follow returns the state after a character, along the fail links.
func (a *automaton) follow(state int32, r rune) int32 {
	for {
		if to := a.step(state, r); to != 0 || state == 0 {
			return to
		}
		state = a.fail[state]
	}
}

// key packs a state and a character.
func key(state int32, r rune) uint64 { return uint64(state)<<21 | uint64(r) }

// table is a hash table that is filled once, with open addressing, at most half full.
type table struct {
	slots []slot
	mask  uint64
}

type slot struct {
	key uint64
	to  int32 // 0: free
}

func newTable(n int) table {
	size := uint64(16)
	for size < 2*uint64(n) {
		size *= 2
	}
	return table{make([]slot, size), size - 1}
}

func hash(k uint64) uint64 {
	k *= 0x9E3779B97F4A7C15
	return k ^ k>>29
}

func (t *table) put(k uint64, to int32) {
	i := hash(k) & t.mask
	for t.slots[i].to != 0 {
		i = (i + 1) & t.mask
	}
	t.slots[i] = slot{k, to}
}

func (t *table) get(k uint64) int32 {
	for i := hash(k) & t.mask; ; i = (i + 1) & t.mask {
		if s := &t.slots[i]; s.to == 0 || s.key == k {
			return s.to
		}
	}
}
