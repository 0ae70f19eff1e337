package soak_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
)

// entry is one write that the program acknowledged.
type entry struct {
	Text    string `json:"text"` // unique
	Article string `json:"article,omitempty"`
	Version int    `json:"version,omitempty"` // of the article, after it
	Comment string `json:"comment,omitempty"`
	Picture string `json:"picture,omitempty"`
	Shown   bool   `json:"shown,omitempty"` // the comment was approved
}

// ledger records what was acknowledged, on disk before the next write begins.
type ledger struct {
	mu   sync.Mutex
	file *os.File
	n    int
}

func newLedger(t *testing.T, path string) *ledger {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return &ledger{file: file}
}

// put records e.
func (l *ledger) put(t *testing.T, e entry) {
	line, err := json.Marshal(e)
	if err != nil {
		t.Error(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		t.Errorf("write the ledger: %v", err)
	}
	if err := l.file.Sync(); err != nil {
		t.Errorf("sync the ledger: %v", err)
	}
}

// entries returns everything that was recorded.
func (l *ledger) entries(t *testing.T) []entry {
	t.Helper()
	file, err := os.Open(l.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []entry
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("read the ledger: %v", err)
		}
		all = append(all, e)
	}
	return all
}

func (l *ledger) String() string { return fmt.Sprintf("%d acknowledged writes", l.n) }
