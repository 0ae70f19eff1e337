// Command official-account shows articles as a WeChat official account would keep them: it
// queries officialAccountParts, applies the filters of the platform, reports what changes and
// which limits are exceeded, and lets an editor copy the article, with styles and pictures,
// into the platform's editor. With an article it prints the body of the call to draft/add.
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

// run serves the pages until ctx ends; with an article it prints the draft to out and the
// report about it to notes.
func run(ctx context.Context, args []string, out, notes io.Writer) error {
	flags := flag.NewFlagSet("official-account", flag.ContinueOnError)
	flags.SetOutput(notes)
	api := flags.String("api", "http://127.0.0.1:8080", "接口所在的地址，不带 /graphql")
	addr := flags.String("addr", "127.0.0.1:8082", "网页的地址")
	thumb := flags.String("thumb", "", "封面的永久素材 media_id，写进草稿")
	flags.Usage = func() {
		fmt.Fprintln(notes, "用法：official-account [选项] [文章的 id 或 slug]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := site{client: client{api: *api}, thumb: *thumb}
	switch flags.NArg() {
	case 0:
		listener, err := net.Listen("tcp", *addr)
		if err != nil {
			return err
		}
		fmt.Fprintf(notes, "请打开 http://%s/（按 Ctrl+C 结束）\n", listener.Addr())
		return serve(ctx, listener, s.handler())
	case 1:
		return s.print(ctx, flags.Arg(0), out, notes)
	}
	flags.Usage()
	return fmt.Errorf("一次只能给出一篇文章")
}

// print prints the draft of an article to out and the report about it to notes.
func (s site) print(ctx context.Context, which string, out, notes io.Writer) error {
	a, err := s.client.article(ctx, which)
	if err != nil {
		return err
	}
	for _, r := range report(a, s.thumb) {
		fmt.Fprintf(notes, "%s：%s\n", r.Kind, r.Text)
	}
	return writeDrafts(out, draftsOf(a, s.thumb))
}

// serve serves requests until ctx ends.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: handler}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}
