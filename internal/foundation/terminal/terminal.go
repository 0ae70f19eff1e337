// Package terminal names the six kinds of frontend on which an article is shown.
//
// The names are the values of the GraphQL enum Terminal. A Set selects terminals; the
// database stores it as one small integer, so that the numbers below must never be
// reassigned. What each terminal can show is decided in package body/render.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Terminal is one kind of frontend where an article is shown.
type Terminal uint8

// The six terminals, in the order in which the API lists them.
const (
	Web             Terminal = iota + 1 // a desktop browser
	WAP                                 // a light mobile page
	MiniProgram                         // a WeChat mini-program's rich-text component
	OfficialAccount                     // a WeChat official-account article
	App                                 // a native application
	Feed                                // RSS, Atom, JSON Feed
)

var names = [...]string{
	Web: "WEB", WAP: "WAP", MiniProgram: "MINI_PROGRAM",
	OfficialAccount: "OFFICIAL_ACCOUNT", App: "APP", Feed: "FEED",
}

// All returns every terminal.
func All() []Terminal { return []Terminal{Web, WAP, MiniProgram, OfficialAccount, App, Feed} }

// Parse reads the name of a terminal, such as MINI_PROGRAM.
func Parse(name string) (Terminal, error) {
	for _, t := range All() {
		if names[t] == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("terminal %q is not one of %s", name, strings.Join(names[1:], ", "))
}

// Valid reports whether t is one of the six.
func (t Terminal) Valid() bool { return t >= Web && t <= Feed }

// String returns the name that the API uses.
func (t Terminal) String() string {
	if !t.Valid() {
		return "Terminal(" + strconv.Itoa(int(t)) + ")"
	}
	return names[t]
}

// MarshalText implements encoding.TextMarshaler, so that JSON holds names and not numbers.
func (t Terminal) MarshalText() ([]byte, error) {
	if !t.Valid() {
		return nil, fmt.Errorf("terminal number %d does not exist", t)
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Terminal) UnmarshalText(text []byte) (err error) {
	*t, err = Parse(string(text))
	return err
}

// MarshalGQL writes the GraphQL enum value.
func (t Terminal) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(t.String())) }

// UnmarshalGQL reads the GraphQL enum value.
func (t *Terminal) UnmarshalGQL(v any) (err error) {
	name, _ := v.(string)
	*t, err = Parse(name)
	return err
}

// Set is a set of terminals: bit t-1 represents terminal t.
type Set int

// Everywhere is the set of all six terminals.
const Everywhere Set = 1<<6 - 1

// SetOf returns the set of ts.
func SetOf(ts ...Terminal) (s Set) {
	for _, t := range ts {
		s |= 1 << (t - 1)
	}
	return s
}

// Has reports whether t is in the set.
func (s Set) Has(t Terminal) bool { return s&SetOf(t) != 0 }

// Holds reports whether the set contains all of some.
func (s Set) Holds(some Set) bool { return s&some == some }

// MarshalJSON writes the names as a list.
func (s Set) MarshalJSON() ([]byte, error) { return json.Marshal(s.List()) }

// UnmarshalJSON reads a list of names.
func (s *Set) UnmarshalJSON(text []byte) error {
	var list []Terminal
	err := json.Unmarshal(text, &list)
	*s = SetOf(list...)
	return err
}

// List returns the members in the order of All.
func (s Set) List() []Terminal {
	list := make([]Terminal, 0, len(names)-1)
	for _, t := range All() {
		if s.Has(t) {
			list = append(list, t)
		}
	}
	return list
}
