package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/urfave/cli/v3"
)

// undefinedFlag matches the library's error about an unknown flag.
var undefinedFlag = regexp.MustCompile(`^flag provided but not defined: -+(.+)$`)

// withSuggestion adds to an error about an unknown flag the flag that was probably meant.
func withSuggestion(c *cli.Command, err error) error {
	unknown := undefinedFlag.FindStringSubmatch(err.Error())
	if unknown == nil {
		return err
	}
	var names []string
	for _, flag := range c.Flags {
		for _, name := range flag.Names() {
			names = append(names, "--"+name)
		}
	}
	return fmt.Errorf("%w%s", err, didYouMean("--"+unknown[1], names))
}

// commandNames returns the names of the subcommands of c.
func commandNames(c *cli.Command) (names []string) {
	for _, sub := range c.Commands {
		names = append(names, sub.Names()...)
	}
	return names
}

// didYouMean returns a question that names what was probably meant, or nothing if no name is
// similar.
func didYouMean(given string, names []string) string {
	best, distance := "", 1+len(strings.TrimLeft(given, "-"))/6
	for _, name := range names {
		if d := editDistance(given, name); d <= distance && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// editDistance counts the bytes to insert, delete or replace to turn a into b (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal, row[j+1] = row[j+1], min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
