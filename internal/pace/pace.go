// Package pace says how much longer things take in this build than in an ordinary
// one, for tests that bound a time. It refuses to say how long anything takes: a
// test names its own bound and multiplies it by Slowdown.
package pace
