// Package internal is the house: each folder is a room with one reason to exist.
// docs/architecture.md is its map, and imports_test.go holds the rooms to it.
package internal
