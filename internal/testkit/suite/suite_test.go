package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// writeModule writes a module whose packages pass, fail, panic and do not compile.
func writeModule(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                "module example.com/m\n\ngo 1.24\n",
		"good/good.go":          "package good\n\nfunc Double(n int) int { return 2 * n }\n\nfunc Half(n int) int { return n / 2 }\n",
		"good/good_test.go":     "package good\n\nimport \"testing\"\n\nfunc TestDouble(t *testing.T) {\n\tt.Log(\"quiet\")\n\tif Double(2) != 4 {\n\t\tt.Fatal()\n\t}\n}\n",
		"bad/bad_test.go":       "package bad\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) { t.Log(\"quiet\") }\n\nfunc TestBad(t *testing.T) {\n\tt.Run(\"sub\", func(t *testing.T) { t.Error(\"seven is not eight\") })\n}\n",
		"crash/crash_test.go":   "package crash\n\nimport \"testing\"\n\nfunc TestCrash(t *testing.T) { panic(\"out of order\") }\n",
		"broken/broken_test.go": "package broken\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { undefined() }\n",
		"untested/untested.go":  "package untested\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReport runs go test over real packages and checks what is printed of each outcome.
func TestReport(t *testing.T) {
	t.Chdir(writeModule(t))
	ctx := context.Background()
	packages, err := list(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(packages.tested(), " "); got != "example.com/m/bad example.com/m/broken example.com/m/crash example.com/m/good" {
		t.Fatalf("packages with tests: %s", got)
	}
	var out bytes.Buffer
	r, err := test(ctx, &out, append(os.Environ(), "GOFLAGS=-mod=mod"), []string{"-count=1"}, true, packages.tested())
	if err == nil || r == nil {
		t.Fatalf("failed packages are no error: %v, %v", r, err)
	}
	progress := out.String()
	r.close()
	closing := strings.TrimPrefix(out.String(), progress)
	for _, want := range []string{
		`(?m)^\[ *\d/4 +\d+m?\d*s\] ok +\d+\.\ds  example.com/m/good  50\.0 % covered$`,
		`(?m)^\[ *\d/4 +\d+s\] FAIL +\d+\.\ds  example.com/m/bad`,
		`(?m)^\[ *\d/4 +\d+s\] FAIL +\d+\.\ds  example.com/m/broken`,
		`seven is not eight`, `panic: out of order`, `undefined: undefined`,
	} {
		if !regexp.MustCompile(want).MatchString(progress) {
			t.Errorf("the progress lacks %s:\n%s", want, progress)
		}
	}
	for _, want := range []string{
		`(?m)^ok  \texample.com/m/good\t[0-9.]+s\tcoverage: 50.0% of statements$`,
		`(?m)^FAIL\texample.com/m/bad\t[0-9.]+s$`, `(?m)^FAIL\texample.com/m/crash`, `(?m)^FAIL\texample.com/m/broken`,
		`(?m)^--- FAIL: TestBad `, `(?m)^--- FAIL: TestBad/sub`, `(?m)^panic: out of order`, `(?m)^FAIL$`,
		`4 packages, 3 failed`,
	} {
		if !regexp.MustCompile(want).MatchString(closing) {
			t.Errorf("the closing lines lack %s:\n%s", want, closing)
		}
	}
	if strings.Contains(out.String(), "quiet") {
		t.Errorf("what passing tests log is printed:\n%s", out.String())
	}
}

// TestInterrupt checks that an interrupt ends go test and the tests that it runs.
func TestInterrupt(t *testing.T) {
	dir := writeModule(t)
	slow := "package slow\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestSlow(t *testing.T) {\n\t_ = os.WriteFile(\"../started\", nil, 0o600)\n\tselect {}\n}\n"
	if err := os.Mkdir(filepath.Join(dir, "slow"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "slow", "slow_test.go"), []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	ctx, interrupt := context.WithCancel(context.Background())
	done := make(chan error)
	var out bytes.Buffer
	go func() {
		_, err := test(ctx, &out, append(os.Environ(), "GOFLAGS=-mod=mod"), nil, false, []string{"example.com/m/slow"})
		done <- err
	}()
	for {
		if _, err := os.Stat("started"); err == nil {
			break
		}
		select {
		case err := <-done:
			t.Fatalf("go test ended before the test started: %v\n%s", err, out.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	interrupt()
	if err := <-done; err == nil {
		t.Error("an interrupted run is no error")
	}
}

// TestHeartbeat checks that packages which take long are named.
func TestHeartbeat(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out, 2)
	r.heartbeat(0)
	r.handle(event{Action: "start", Package: module + "/internal/body"})
	r.heartbeat(0)
	if got := out.String(); !strings.Contains(got, "] compiling\n") || !strings.Contains(got, "] running internal/body for 0s\n") {
		t.Errorf("printed %s", got)
	}
}

// TestJudge checks which packages must meet the minimum of coverage.
func TestJudge(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out, 3)
	dir := writeModule(t)
	functions, none := []string{filepath.Join(dir, "good", "good.go")}, []string{filepath.Join(dir, "untested", "untested.go")}
	packages := packageList{
		{module + "/ent", false, functions}, {module + "/internal/api", true, functions}, {module + "/internal/body", true, functions},
		{module + "/internal/content", true, none}, {module + "/internal/store", false, functions}, {module + "/internal/store/migrations", false, none},
		{module + "/internal/testkit/effort", true, functions}, {module + "/examples/wap", false, functions},
	}
	for path, closing := range map[string]string{"internal/api": "69.9% of statements", "internal/body": "70.0% of statements", "internal/content": "[no statements]"} {
		full := module + "/" + path
		r.handle(event{Action: "output", Package: full, Output: "ok  \t" + full + "\t0.1s\tcoverage: " + closing + "\n"})
		r.handle(event{Action: "pass", Package: full})
	}
	err := r.judge(packages)
	if err == nil || !strings.HasPrefix(err.Error(), "2 packages") || !strings.HasSuffix(err.Error(), ": internal/api, internal/store") {
		t.Errorf("judged: %v", err)
	}
	for _, want := range []string{"69.9 % internal/api  LOW", "70.0 % internal/body\n", "-   internal/content\n", "-   internal/store/migrations\n", "0.0 % internal/store  LOW"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("printed without %q:\n%s", want, out.String())
		}
	}
}

func TestCountLines(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go": "package a\n\nvar A = 1\n", "a_test.go": "package a\n", "node_modules/x.go": "package x\n", "testdata/y.go": "package y\n",
		"gen.go": "// Code generated by ent, DO NOT EDIT.\n\npackage a\n", "internal/testkit/kit.go": "package testkit\n\n", "a.txt": "\n\n\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := countLines(dir)
	if want := (lines{code: 3, tests: 1, testkit: 2, generated: 3}); got != want || err != nil {
		t.Errorf("counted %+v, %v; want %+v", got, err, want)
	}
	var out bytes.Buffer
	got.print(&out)
	if want := "lines: 5 hand-written, of them 2 in the test kit; 1 of tests; 3 generated"; !strings.Contains(out.String(), want) {
		t.Errorf("printed %s", out.String())
	}
}
