package cli

// NewRoot returns the command line, for the test of what the documents say about it.
var NewRoot = newRoot

// GCPercent is for its test.
var GCPercent = gcPercent
