// Package internal contains the program in groups that depend on one another in one
// direction. docs/architecture.md describes them; layout_test.go checks the order.
package internal
