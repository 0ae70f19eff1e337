package cli_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	urfave "github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app/cli"
)

// repository is the root of the repository, seen from this package.
const repository = "../../.."

// documents returns the names and texts of all documents for users.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/README.md"} {
		names, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts[strings.TrimPrefix(name, repository+"/")] = string(text)
		}
	}
	delete(texts, "CHANGELOG.md") // names flags that older versions had
	return texts
}

// otherFlags are flags of other programs that documents name.
var otherFlags = []string{"data-binary", "enable-v2", "stanza", "type", "delta", "target", "target-action"}

var (
	namedFlag    = regexp.MustCompile("(?:^|[\\s`(\u4e00-\u9fff，。；：、])--([a-z][a-z0-9-]+)")
	exampleFlag  = regexp.MustCompile(`\bflags?\.\w+\((?:&[\w.]+, )?"([a-z-]+)"`)
	namedCommand = regexp.MustCompile("(?m)(?:`|^    |^\\$ |bin/)tonggao ([a-z]+)(?: ([a-z-]+)\\b)?")
	runnable     = regexp.MustCompile("(?ms)^```sh run\n(.*?)^```")
)

// TestDocumentedFlags checks that each flag and command that a document names exists.
func TestDocumentedFlags(t *testing.T) {
	t.Parallel()
	flags, commands := append([]string{"help", "version"}, otherFlags...), map[string][]string{"help": nil, "completion": nil}
	for _, c := range cli.NewRoot("test").Commands {
		flags = append(flags, flagNames(c)...)
		commands[c.Name] = nil
		for _, sub := range c.Commands {
			flags = append(flags, flagNames(sub)...)
			commands[c.Name] = append(commands[c.Name], sub.Name)
		}
	}
	mains, err := filepath.Glob(repository + "/examples/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range mains {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range exampleFlag.FindAllStringSubmatch(string(text), -1) {
			flags = append(flags, found[1])
		}
	}
	count := 0
	for name, text := range documents(t) {
		for _, found := range namedFlag.FindAllStringSubmatch(text, -1) {
			if count++; !slices.Contains(flags, found[1]) {
				t.Errorf("%s: there is no flag --%s", name, found[1])
			}
		}
		for _, found := range namedCommand.FindAllStringSubmatch(text, -1) {
			subs, known := commands[found[1]]
			if count++; !known || len(subs) > 0 && found[2] != "" && !slices.Contains(subs, found[2]) {
				t.Errorf("%s: there is no command %q", name, strings.TrimSpace(found[1]+" "+found[2]))
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d flags and commands were found in the documents", count)
	}
}

// flagNames returns the names of the flags of a command.
func flagNames(c *urfave.Command) (names []string) {
	for _, flag := range c.Flags {
		names = append(names, flag.Names()...)
	}
	return names
}

// makeShim replaces make: the program is built already, and run returns when it answers.
const makeShim = `#!/bin/sh
case "$1" in
build) ;;
run)
	bin/tonggao serve --demo --addr "$ADDRESS" >server.log 2>&1 &
	echo $! >server.pid
	curl -s -o /dev/null --retry 100 --retry-delay 1 --retry-connrefused "http://$ADDRESS/readyz" ;;
*) exit 2 ;;
esac
`

// TestDocumentedCommands runs the commands of the documents, in a new directory for each: the
// blocks marked with "sh run". They are one session, as a reader types them.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"README.md":         {`"publisher":{"name":`, `"role":"EDITOR"`, "created 1", `"title":"云溪村口的长者饭堂"`, "all checks passed", "COMMANDS"},
		"docs/README.zh.md": {`"publisher":{"name":`, `"role":"EDITOR"`, "created 1", `"title":"云溪村口的长者饭堂"`, "all checks passed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, address := t.TempDir(), freeAddress(t)
			var script strings.Builder
			script.WriteString("set -eu\n")
			for _, block := range runnable.FindAllStringSubmatch(documents(t)[name], -1) {
				script.WriteString(strings.ReplaceAll(block[1], "127.0.0.1:8080", address))
			}
			out, err := session(t, folder, address, script.String())
			for _, piece := range want {
				if err != nil || !strings.Contains(out, piece) || strings.Contains(out, `"errors":`) {
					t.Fatalf("%v; no %q in\n%s", err, piece, out)
				}
			}
			if database := filepath.Join(folder, "data/tonggao.db"); strings.Count(out, "database sqlite:"+database+"\n") < 3 {
				t.Errorf("the commands did not all name the database %s:\n%s", database, out)
			}
			if archive, err := os.ReadFile(filepath.Join(folder, "everything.ndjson")); err != nil || !bytes.Contains(archive, []byte("云溪村口的长者饭堂")) {
				t.Errorf("the export lacks the import: %v, %d bytes", err, len(archive))
			}
		})
	}
}

// session runs a script in a folder that has bin/tonggao and make, and ends the server that it
// started. It returns what the script printed.
func session(t *testing.T, folder, address, script string) (string, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(folder, "bin/tonggao")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "bin/make"), []byte(makeShim), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopServer(t, filepath.Join(folder, "server.pid")) })
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "sh", "-c", script)
	c.Dir = folder
	c.Env = append(os.Environ(), "PATH="+filepath.Join(folder, "bin")+":"+os.Getenv("PATH"), "ADDRESS="+address)
	out, err := c.CombinedOutput()
	return string(out), err
}

// stopServer ends the server whose process ID is in a file, and waits for its end.
func stopServer(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return // it was not started
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if syscall.Kill(pid, syscall.SIGTERM) != nil {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Errorf("the server %d did not end", pid)
}

// freeAddress returns an address that no program listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
