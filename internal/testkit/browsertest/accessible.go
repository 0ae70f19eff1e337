package browsertest

import (
	_ "embed"
	"slices"
)

//go:embed axe/axe.min.js
var axe string

// Accessible fails the test for everything serious or critical that axe-core
// (https://github.com/dequelabs/axe-core) finds on the open page, in what the page
// is as it stands, and where the page is wider than the window.
func (b *Browser) Accessible(what string) {
	b.t.Helper()
	b.Evaluate(axe, nil)
	b.Evaluate(`window.axeFound = undefined, axe.run({resultTypes: ["violations"]}).then(r => { window.axeFound = r.violations.filter(v => ["serious", "critical"].includes(v.impact))
		.map(v => v.id + ": " + v.nodes.map(n => n.html).join(" ")) }), 0`, nil)
	b.Until(`window.axeFound`)
	var found []string
	b.Evaluate(`window.axeFound`, &found)
	for _, fault := range slices.Compact(found) {
		b.t.Errorf("%s: %s", what, fault)
	}
	var wide bool
	b.Evaluate(`document.documentElement.scrollWidth > innerWidth`, &wide)
	if wide {
		b.t.Errorf("%s is wider than the window", what)
	}
}
