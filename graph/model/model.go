// Package model holds the Go types of the schema that are neither rows nor inputs of a
// service: those that gqlgen generates, and the scalars, which check all text and numbers
// of a request.
package model

import "github.com/tonggao/tonggao/ent"

// A Node is a row with an ID.
type Node interface{ IsNode() }

// A Body is an article's document with the labels that every form of it shows.
type Body struct {
	*ent.Body
	Labels []string
}
