// Package soak kills the program while it is being written to, again and again,
// and looks at what is left. It has tests only.
//
// It runs the real binary over real HTTP and believes nothing but answers: what
// was acknowledged is put down in a ledger on disk, and after each kill -9 the
// ledger is held against the database. It refuses to look inside of the program,
// to stop it gently, and to try a write again. Its invariant: what was
// acknowledged is there exactly once, and nothing at all is there twice.
//
// Power cuts are another matter: kill -9 leaves the pages of the operating system
// alone.
package soak
