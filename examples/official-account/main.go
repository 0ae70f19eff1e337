// Command official-account previews an article as a WeChat official account would
// show it: it queries officialAccountHtml, applies the filters of the platform,
// reports what would be lost and which limits are exceeded, and prints the body of
// the call to draft/add.
//
// It sends nothing to the platform and does not rely on the server's own claims: the
// filters are implemented here, from the platform's documentation.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run prints the draft to out and the report about it to notes; then it writes the
// preview to a file, or serves it until ctx ends.
func run(ctx context.Context, args []string, out, notes io.Writer) error {
	flags := flag.NewFlagSet("official-account", flag.ContinueOnError)
	flags.SetOutput(notes)
	api := flags.String("api", "http://127.0.0.1:8080", "接口所在的地址，不带 /graphql")
	file := flags.String("out", "", "把预览页写进这个文件；不写就在 --addr 上打开")
	addr := flags.String("addr", "127.0.0.1:8082", "预览页的地址")
	thumb := flags.String("thumb", "", "封面的永久素材 media_id，写进草稿")
	flags.Usage = func() {
		fmt.Fprintln(notes, "用法：official-account [选项] 文章的 id 或 slug")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return fmt.Errorf("请给出一篇文章的 id 或 slug")
	}
	a, err := fetch(ctx, *api, flags.Arg(0))
	if err != nil {
		return err
	}
	kept, lost := keep(a.Body.OfficialAccountHTML)
	d := draftOf(a, *thumb)
	over := d.overLimits()
	for _, line := range report(a, lost, over) {
		fmt.Fprintln(notes, line)
	}
	if err := d.write(out); err != nil {
		return err
	}
	page, err := preview(a, kept, report(a, lost, over))
	if err != nil {
		return err
	}
	if *file != "" {
		return os.WriteFile(*file, page, 0o644)
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(notes, "预览：http://%s/（按 Ctrl+C 结束）\n", listener.Addr())
	return serve(ctx, listener, page)
}

// serve responds to every request with the page until ctx ends.
func serve(ctx context.Context, listener net.Listener, page []byte) error {
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}
