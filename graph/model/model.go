// Package model holds the Go types of the graph that are neither rows nor
// inputs of a service, and what gqlgen generates from the schema.
package model

// Node is a row with an id.
type Node interface{ IsNode() }
