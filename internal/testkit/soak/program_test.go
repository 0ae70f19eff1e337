package soak_test

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the binary over one database; it runs between start and kill.
type program struct {
	path, url string
	media     string // the folder of pictures
	address   string // of the running process
	running   *exec.Cmd
	log       *os.File
	flags     []string             // more of serve's
	moved     func(address string) // told where it listens each time it starts; may be nil
}

// build builds the binary as the Makefile does.
func build(t *testing.T, url string) *program {
	t.Helper()
	dir := t.TempDir()
	p := &program{path: filepath.Join(dir, "tonggao"), url: url, media: filepath.Join(dir, "media")}
	cmd := exec.Command("go", "build", "-tags", "sqlite_fts5", "-o", p.path, "./cmd/tonggao")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the binary: %v\n%s", err, out)
	}
	var err error
	if p.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.running != nil {
			p.kill(t)
		}
		if t.Failed() {
			text, _ := os.ReadFile(p.log.Name())
			t.Logf("the program's log ends with:\n%s", text[max(0, len(text)-4000):])
		}
		_ = p.log.Close()
	})
	return p
}

// start starts the program and says how long it took until it was ready. It
// takes a free port and tells it in its first line.
func (p *program) start(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	cmd := exec.Command(p.path, append([]string{"serve", "--database", p.url, "--addr", "127.0.0.1:0", "--media-dir", p.media,
		"--rate-limit", "0", "--write-limit", "0", "--views-interval", "100ms", "--webhook-allow-network", "127.0.0.0/8", "--log-level", "warn"}, p.flags...)...)
	cmd.Stderr = p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	p.running = cmd
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(line, "ready on ")
	if err != nil || !found {
		t.Fatalf("the program did not say where it listens: %q, %v", line, err)
	}
	if p.address = strings.TrimSpace(address); p.moved != nil {
		p.moved(p.address)
	}
	answer, err := http.Get(p.address + "/readyz")
	if err != nil {
		t.Fatalf("ask whether the program is ready: %v", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the program is not ready: %s", answer.Status)
	}
	return time.Since(begin)
}

// kill ends the program as the machine would: at once, wherever it is.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.running.Process.Kill(); err != nil {
		t.Fatalf("kill the program: %v", err)
	}
	_ = p.running.Wait() // says that it was killed
	p.running = nil
}

// stop asks the program to end, and waits until it did.
func (p *program) stop(t *testing.T) {
	t.Helper()
	if err := p.running.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("stop the program: %v", err)
	}
	if err := p.running.Wait(); err != nil {
		t.Errorf("the program was asked to stop and failed: %v", err)
	}
	p.running = nil
}

// command runs another command of the program and returns what it printed.
func (p *program) command(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(p.path, append(args, "--database", p.url)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("tonggao %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errs)
	}
	return strings.TrimSpace(out.String())
}

// doctor fails the test where the program itself finds something wrong.
func (p *program) doctor(t *testing.T) {
	t.Helper()
	p.command(t, "doctor")
}

// token is the secret of a new token.
func (p *program) token(t *testing.T, role string) string {
	t.Helper()
	return p.command(t, "token", "create", "--role", role, "--name", "soak")
}
