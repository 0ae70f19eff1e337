package htmlin_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// soup is tags and texts that the test combines at random.
var soup = strings.Split(`<p>|</p>|<div>|</div>|<b>|</b>|<i>|</i>|<ul>|</ul>|<ol start=3>|</ol>|<li>|</li>|<table>|</table>|<tr>|</tr>|<td>|</td>|`+
	`<th colspan=2>|</th>|<td rowspan=3>|<thead>|</thead>|<tbody>|<caption>|</caption>|<blockquote>|</blockquote>|<h1>|</h1>|<h3 align=center>|</h3>|<pre>|</pre>|<code>|</code>|`+
	`<figure>|</figure>|<figcaption>|</figcaption>|<img src=/a.jpg alt=图>|<img src=x.gif class=emoji alt=笑>|<br>|<br><br>|<hr>|<a href=/x>|<a href="https://example.org" title="t">|</a>|`+
	`<script>|</script>|<div hidden>|<span style="mso-list:Ignore">|</span>|<p style="mso-list:l0 level2 lfo1">|<p style="mso-list:l0 level1">|<section style="text-align:right;font-weight:bold">|</section>|`+
	`<pre class=wp-block-verse>|<video>|</video>|<table role=table>|<span style="font-weight:400">|<sub>|</sub>|<font><center>|</center>|<p style="display:none">|<textarea>|</textarea>|`+
	`甲|乙丙|　　丁|a b|&nbsp;&nbsp;戊|\n|\n己\n|1.&nbsp;|<!-- x -->|<o:p>|</o:p>|<td/>|<p/>|<br/>|&lt;b&gt;|&#8203;`, "|")

// TestParseTagSoup checks that pages of random tags become valid documents that read back.
func TestParseTagSoup(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(1_500)) {
		random := rand.New(rand.NewPCG(seed, 7))
		var page strings.Builder
		for range 1 + random.IntN(40) {
			page.WriteString(strings.ReplaceAll(soup[random.IntN(len(soup))], `\n`, "\n"))
		}
		d, err := htmlin.Parse(page.String())
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, page.String())
		}
		if stable(t, d); t.Failed() {
			t.Fatalf("seed %d: %s", seed, page.String())
		}
	}
}
