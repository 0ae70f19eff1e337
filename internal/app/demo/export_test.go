package demo

import "github.com/tonggao/tonggao/internal/body"

// Check reads an article file as Fill does.
func Check(file, text string) (body.Document, error) {
	m, err := parse(file, text)
	return m.body, err
}
