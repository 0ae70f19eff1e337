// Package model holds the Go types of the graph that are neither rows nor
// inputs of a service, and what gqlgen generates from the schema.
package model

import "github.com/tonggao/tonggao/ent"

// Node is a row with an id.
type Node interface{ IsNode() }

// Body is an article's document with the labels that every form of it shows.
type Body struct {
	*ent.Body
	Labels []string
}
