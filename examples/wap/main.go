// Command wap serves the example mobile site on top of a running Tonggao.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/tonggao/tonggao/examples/wap/serve"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8081", "where to serve the site")
	api := flag.String("api", "http://127.0.0.1:8080", "the address of the API")
	base := flag.String("base-url", "", "the public address of this site, such as https://m.example.com; empty: the one that the browser used")
	flag.Parse()
	if err := run(*addr, serve.Options{API: *api, BaseURL: *base, Token: os.Getenv("WAP_TOKEN")}); err != nil {
		fmt.Fprintln(os.Stderr, "wap:", err)
		os.Exit(1)
	}
}

func run(addr string, o serve.Options) error {
	site, err := serve.New(o)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s shows %s\n", addr, o.API)
	server := &http.Server{Addr: addr, Handler: site, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}
