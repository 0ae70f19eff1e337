// Package bench measures the program against a hand-written handler, and the change log
// under load. It has tests only.
//
// Program and handler answer the portal's front page in one run, from one database, with
// the same statements and byte for byte the same data; the difference is the cost of
// GraphQL. A benchmark checks one answer before it measures. With -short there is little
// content, so that a run shows that the benchmarks work, and measures nothing.
package bench
