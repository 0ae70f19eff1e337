package effort

import "testing"

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text string
		want int // 0: an error
	}{
		{"", 1}, {"1", 1}, {"50", 50}, {"0", 0}, {"-3", 0}, {"2.5", 0}, {"much", 0},
	} {
		got, err := parse(test.text)
		if got != test.want || (err != nil) != (test.want == 0) {
			t.Errorf("parse(%q) = %d, %v; want %d", test.text, got, err, test.want)
		}
	}
}

func TestN(t *testing.T) {
	if got := N(20); got != 20*N(1) || got < 20 {
		t.Errorf("N(20) = %d with a factor of %d", got, N(1))
	}
}
