// Package soak kills the program while it is being written to, repeatedly, and checks what
// is left. It has tests only.
//
// It runs the program in processes of its own, over real HTTP, and relies on answers alone:
// what was acknowledged is recorded in a ledger on disk, and after each SIGKILL the database
// is compared with the ledger. It does not retry a write, and does not stop the program
// gracefully. Its invariant: what was acknowledged is stored exactly once, and nothing is
// stored twice. TONGGAO_TEST_EFFORT makes it as long as one likes.
//
// It does not simulate power cuts: SIGKILL leaves the operating system's page cache intact.
package soak
