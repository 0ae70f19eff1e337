// Package ent is the content model's generated client. Everything beside
// schema/, template/, entc.go and this file is generated: never edit it, run
// `make generate`.
package ent

//go:generate go run -mod=mod entc.go
