// Package bench measures the program against a hand-written handler. It has tests
// only.
//
// Both answer the portal's front page in one run, from one database, with the
// same statements, and byte for byte the same data; what is left between them is
// what GraphQL costs here. The package refuses to measure what is not checked
// first: a benchmark asks once and looks at the answer before it counts.
package bench
