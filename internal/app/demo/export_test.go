package demo

import "github.com/tonggao/tonggao/internal/body"

// Check reads a manuscript as Fill does, for tests that name its file and line.
func Check(file, text string) (body.Document, error) {
	m, err := parse(file, text)
	return m.body, err
}
