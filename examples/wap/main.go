// Command wap serves the example mobile site on top of a running Tonggao. It needs
// neither npm nor CORS: it bundles the TypeScript itself and proxies the API, so that
// everything has one origin.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/tonggao/tonggao/examples/wap/serve"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8081", "where to serve the site")
	api := flag.String("api", "http://127.0.0.1:8080", "URL of the API")
	dir := flag.String("dir", "examples/wap", "the folder of this example")
	flag.Parse()
	if err := run(*addr, *api, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "wap:", err)
		os.Exit(1)
	}
}

func run(addr, api, dir string) error {
	target, err := url.Parse(api)
	if err != nil || target.Host == "" {
		return fmt.Errorf("--api %q is not a URL such as http://127.0.0.1:8080", api)
	}
	site, err := serve.New(dir, target)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s shows %s\n", addr, api)
	server := &http.Server{Addr: addr, Handler: site, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}
