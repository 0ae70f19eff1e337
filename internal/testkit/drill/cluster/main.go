// Cluster is what `make drill` runs: PostgreSQL with two standbys under Patroni and etcd,
// PgBouncer, and three Tonggaos behind HAProxy, all on the loopback, which it breaks under
// load, round by round. docs/scaling.md describes the installation. It ends with status 1 if
// anything was lost, doubled, too slow or dead afterwards. An interrupt ends every process
// that it started and removes their files.
//
// It does not simulate power cuts: with -fsync=off, the default, PostgreSQL does not wait for
// the disk, so that the times depend on the programs and not on the disk.
package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/drill"
)

// settings are the flags.
type settings struct {
	program, fsync, only string
	keep                 bool
	rounds               int
	writers, readers     int
	pause, write, read   time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.program, "program", "bin/tonggao", "the binary")
	flag.StringVar(&s.fsync, "fsync", "off", "PostgreSQL's setting of this name: on or off")
	flag.StringVar(&s.only, "only", "", "only these faults, separated by commas: "+strings.Join(names(), ", "))
	flag.IntVar(&s.rounds, "rounds", 0, "at most this many rounds of each fault, instead of all; one takes 20 to 60 seconds")
	flag.BoolVar(&s.keep, "keep", false, "keep the folder with the logs")
	flag.IntVar(&s.writers, "writers", 8, "clients that write")
	flag.IntVar(&s.readers, "readers", 32, "clients that read")
	flag.DurationVar(&s.pause, "pause", 200*time.Millisecond, "of a client between two requests")
	flag.DurationVar(&s.write, "write-limit", 5*time.Second, "the longest time from a promotion until every client writes again")
	flag.DurationVar(&s.read, "read-limit", 2*time.Second, "the same for reads")
	flag.Parse()
	runtime.LockOSThread() // the processes end with the thread that started them
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Println("drill:", err)
		stop()
		os.Exit(1)
	}
}

// run starts everything, breaks it, and compares.
func run(ctx context.Context, s settings) (err error) {
	program, err := filepath.Abs(s.program)
	if err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	c, err := newCluster(program, s.fsync, base64.StdEncoding.EncodeToString(key))
	if err != nil {
		return err
	}
	defer func() { c.close(s.keep || err != nil && ctx.Err() == nil) }()
	fmt.Println("the processes and their logs are in", c.dir)
	if err := c.run(ctx); err != nil {
		return err
	}
	options := drill.Options{Fronts: []string{c.front()}, Tokens: map[string]string{}, Writers: s.writers, Readers: s.readers, Pause: s.pause}
	for _, r := range c.Replicas {
		options.Replicas = append(options.Replicas, "http://"+r.Address)
	}
	for _, role := range []string{"EDITOR", "INTEGRATOR"} {
		if options.Tokens[role], err = c.command(ctx, "token", "create", "--role", role, "--name", "drill"); err != nil {
			return err
		}
	}
	load, err := drill.Start(ctx, options)
	if err != nil {
		return err
	}
	failed := (&rounds{cluster: c, load: load, settings: s}).run(ctx)
	if ctx.Err() != nil {
		load.Stop()
		return errors.New("interrupted")
	}
	err = load.Finish(ctx, func(ctx context.Context, w io.Writer) error { return c.commandTo(ctx, w, "export") })
	for _, p := range load.Problems() {
		fmt.Println("  PROBLEM", p)
		failed++
	}
	writes, reads, retries := load.Counts()
	fmt.Printf("%d writes acknowledged, %d reads answered, %d requests sent again\n", writes, reads, retries)
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d problems, see above; the logs are in %s", failed, c.dir)
	}
	return err
}
