package soak_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// schema returns the public schema.
func schema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("../../../schema.graphqls")
	check.NoError(t, err)
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	check.NoError(t, err)
	return parsed
}

// move is a mutation with an input, made by a viewer on items of a world.
type move struct {
	mutation, as string
	on           string // the items that it reads or writes, separated by spaces
	input        func(w *world) map[string]any

	document string
}

// name returns what the move does to which items.
func (m move) name() string { return m.mutation + "(" + m.on + ")" }

// meets reports whether both moves concern the same item.
func (m move) meets(other move) bool {
	for item := range strings.FieldsSeq(m.on) {
		if slices.Contains(strings.Fields(other.on), item) {
			return true
		}
	}
	return false
}

// documented returns the moves with their documents. It fails where the schema has a
// mutation without one.
func documented(t *testing.T) []move {
	t.Helper()
	s := schema(t)
	list := slices.Clone(moves)
	for _, field := range s.Mutation.Fields {
		if !slices.ContainsFunc(list, func(m move) bool { return m.mutation == field.Name }) {
			t.Errorf("the mutation %s is missing in moves: say which items it concerns, and which rows it locks", field.Name)
		}
	}
	for i := range list {
		field := s.Mutation.Fields.ForName(list[i].mutation)
		if field == nil {
			t.Fatalf("there is no mutation %s", list[i].mutation)
		}
		fields := "__typename"
		if s.Types[field.Type.Name()].Fields.ForName("userErrors") != nil {
			fields += " userErrors { code }"
		}
		list[i].document = fmt.Sprintf("mutation ($input: %s) { %s(input: $input) { %s } }", field.Arguments[0].Type, field.Name, fields)
	}
	return list
}

var userError = regexp.MustCompile(`"userErrors":\[\{"code":"([A-Z_]+)"`)

// make makes the move and returns the code of its error; empty if it succeeded.
func (m move) make(p *apptest.Program, w *world) string {
	answer := p.Ask(w.tokens[m.as], m.document, map[string]any{"input": m.input(w)})
	if code := answer.Code(); code != "" {
		return code
	}
	if found := userError.FindStringSubmatch(string(answer.Data)); found != nil {
		return found[1]
	}
	return ""
}

// pair is two moves that meet, and what happens when one is made after the other.
type pair [2]move

func (p pair) String() string { return p[0].name() + " with " + p[1].name() }

// pairsOf returns all pairs of moves that meet; those that went wrong once come first.
func pairsOf(list []move) (pairs []pair) {
	for i, a := range list {
		for _, b := range list[i:] {
			if a.meets(b) {
				pairs = append(pairs, pair{a, b})
			}
		}
	}
	isKnown := func(p pair) bool { return slices.Contains(known, p.String()) }
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case isKnown(a) == isKnown(b):
			return 0
		case isKnown(a):
			return -1
		default:
			return 1
		}
	})
	return pairs
}

// rangeVar names the pairs to take, such as 41..80, so that a long run can be continued.
const rangeVar = "TONGGAO_TEST_PAIRS"

// chosen returns the first and the last of n pairs that the environment names, counted from 1;
// without a name all.
func chosen(t *testing.T, n int) (from, to int) {
	t.Helper()
	from, to = 1, n
	if text := os.Getenv(rangeVar); text != "" {
		_, err := fmt.Sscanf(text, "%d..%d", &from, &to)
		check.NoError(t, err)
	}
	if to = min(to, n); from < 1 || from > to {
		t.Fatalf("%s: there are the pairs 1..%d", rangeVar, n)
	}
	return from, to
}

// known are pairs that went wrong.
var known = []string{
	"takeDown(article picture comment report) with takeDown(article picture comment report)",
	"restore(down) with restore(down)",
	"publishArticle(draft) with takeDown(draft)",
	"deleteArticle(draft) with takeDown(draft)",
	"deletePicture(picture article) with takeDown(article picture comment report)",
	"reviewReport(report article) with reviewReport(second article)",
	"fileReport(article report) with reviewReport(report article)",
	"eraseMyself(reader comment pending article) with eraseMyself(reader comment pending article)",
}

// TestPairs makes every two mutations that can meet on one item at the same moment. The rows
// of all tables, with the change log, the takedowns, the audit log and the counters, are
// those that one of the two serial orders leaves, and a CONFLICT is only answered for what
// conflicts. The suite takes the risky pairs and others at random, once; `make pairs` takes
// all in order, fifty times, and can be continued: PAIRS=41..80.
func TestPairs(t *testing.T) {
	t.Parallel()
	pairs, repeat := pairsOf(documented(t)), effort.N(1)
	for i, name := range known {
		if i >= len(pairs) || !slices.Contains(known, pairs[i].String()) {
			t.Fatalf("of the pairs that went wrong once, such as %s, one is no longer among the moves", name)
		}
	}
	if repeat == 1 {
		others := pairs[len(known):]
		rand.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
		pairs = pairs[:12]
	}
	from, to := chosen(t, len(pairs))
	for first := from; first <= to; first += pairsPerDatabase {
		last := min(first+pairsPerDatabase-1, to)
		t.Run(fmt.Sprintf("%d..%d", first, last), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *storetest.Store) {
				programs := []*apptest.Program{apptest.Start(t, s)}
				if s.Engine == "postgres" {
					programs = append(programs, apptest.Start(t, storetest.Open(t, s.URL)))
				}
				staff := staffOf(programs[0])
				for i := first; i <= last; i++ {
					begun := time.Now()
					pairs[i-1].test(t, programs, staff, repeat)
					if repeat > 1 {
						fmt.Printf("%s, %d of %d in %.1f s: %s\n", s.Engine, i, len(pairs), time.Since(begun).Seconds(), pairs[i-1])
					}
				}
			})
		})
	}
}

// pairsPerDatabase bounds how many worlds are in one database: each makes it slower.
const pairsPerDatabase = 12

// test compares concurrent runs with the two serial orders.
func (p pair) test(t *testing.T, programs []*apptest.Program, staff map[string]string, repeat int) {
	t.Helper()
	var serial [2]string
	codes := map[string][]string{}
	for i, order := range [][2]int{{0, 1}, {1, 0}} {
		w := newWorld(t, programs[0], staff)
		for _, k := range order {
			code := p[k].make(programs[k%len(programs)], w)
			codes[p[k].name()] = append(codes[p[k].name()], code)
		}
		serial[i] = w.state(t, programs)
	}
	for range repeat {
		w := newWorld(t, programs[0], staff)
		var wg sync.WaitGroup
		var said [2]string
		begin := make(chan struct{})
		for k := range p {
			wg.Go(func() {
				<-begin
				said[k] = p[k].make(programs[k%len(programs)], w)
			})
		}
		close(begin)
		wg.Wait()
		for k, m := range p {
			could := codes[m.name()]
			fails := slices.ContainsFunc(could, func(code string) bool { return code != "" })
			if !slices.Contains(could, said[k]) && !(said[k] == "CONFLICT" && fails) {
				t.Errorf("%s: %s answers %q; in order it answers %q", p, m.name(), said[k], could)
			}
		}
		if state := w.state(t, programs); state != serial[0] && state != serial[1] {
			t.Errorf("%s, answers %q: the outcome is none of a serial order\none after the other:\n%s\nthe other way round:\n%s",
				p, said, diff(state, serial[0]), diff(state, serial[1]))
		}
	}
}

// diff returns the lines that only one of two states has, each as often as it has it more.
func diff(got, want string) string {
	var b strings.Builder
	rest := strings.Split(got, "\n")
	for line := range strings.SplitSeq(want, "\n") {
		if i := slices.Index(rest, line); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		b.WriteString("+" + line + "\n")
	}
	for _, line := range rest {
		b.WriteString("-" + line + "\n")
	}
	return b.String()
}
