// Package markdown reads a folder of Markdown files as a site: of Hugo, Hexo or Jekyll,
// which it recognises by their folders, or any other. Front matter is YAML, TOML or JSON.
//
// One file is in memory at a time. Nothing outside of the folder is read, wherever its
// links and addresses lead.
package markdown

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// maxPage limits the size of a file, in bytes.
const maxPage = 8 << 20

// generator is what makes a site of a folder.
type generator string

const (
	plain  generator = "Markdown"
	hugo   generator = "Hugo"
	hexo   generator = "Hexo"
	jekyll generator = "Jekyll"
)

// Folder is a site in a folder.
type Folder struct {
	root      *os.Root
	files     fs.FS
	only      string // the one file to read; "" for all
	generator generator
	content   string   // the folder with the pages
	static    []string // the folders whose files are at the top of the site
	address   string
	permalink string
	subfolder string // path of the site below its host: /blog
}

// Open opens a folder, or a single file of one. Address is that of the site; where it is
// empty, the configuration of the generator names it.
func Open(name, address string) (*Folder, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	only := ""
	if !info.IsDir() {
		dir, file := path.Split(name)
		if dir == "" {
			dir = "."
		}
		name, only = dir, file
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	f := &Folder{root: root, files: root.FS(), only: only, address: address}
	f.recognise()
	return f, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Address implements record.Site.
func (f *Folder) Address() string { return f.address }

// recognise finds out which generator the folder is of, and reads its configuration.
func (f *Folder) recognise() {
	f.generator, f.content = plain, "."
	switch {
	case f.has("source/_posts"):
		f.generator, f.content, f.static = hexo, "source", []string{"source"}
	case f.has("content") && (f.has("hugo.toml") || f.has("hugo.yaml") || f.has("config.toml") || f.has("config.yaml") || f.has("hugo.json") || f.has("config.json") || f.has("config")):
		f.generator, f.content, f.static = hugo, "content", []string{"static", "assets"}
	case f.has("_posts"):
		f.generator, f.static = jekyll, []string{"."}
	default:
		f.static = []string{"."}
	}
	for _, name := range []string{"hugo.toml", "config.toml", "hugo.yaml", "hugo.yml", "config.yaml", "config.yml", "hugo.json", "config.json", "config/_default/hugo.toml", "config/_default/config.toml", "_config.yml"} {
		text, err := f.read(name)
		if err != nil {
			continue
		}
		f.configure(configOf(name, text))
		break
	}
	if u, err := url.Parse(f.address); err == nil && f.address != "" {
		f.subfolder = strings.TrimSuffix(u.Path, "/")
	}
}

// configOf reads a configuration; what cannot be read has no values.
func configOf(name string, text []byte) fields {
	mark := map[string]string{".toml": "+++", ".yml": "---", ".yaml": "---"}[path.Ext(name)]
	page := string(text)
	if mark != "" {
		page = mark + "\n" + page + "\n" + mark + "\n"
	}
	values, _, err := split([]byte(page))
	if err != nil {
		return fields{}
	}
	return values
}

// configure takes the address of the site and of its pages from a configuration.
func (f *Folder) configure(values fields) {
	if f.address == "" {
		if f.address = values.text("baseurl", "url"); f.generator == jekyll {
			f.address = strings.TrimSuffix(values.text("url"), "/") + values.text("baseurl")
		}
		if u, err := url.Parse(f.address); err != nil || u.Host == "" {
			f.address = ""
		}
	}
	f.permalink = values.text("permalink")
}

func (f *Folder) has(name string) bool {
	_, err := fs.Stat(f.files, name)
	return err == nil
}

// read returns a file, which must not be too large.
func (f *Folder) read(name string) ([]byte, error) {
	file, err := f.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxPage+1))
	if err == nil && len(text) > maxPage {
		err = fmt.Errorf("it has more than %d MiB", maxPage>>20)
	}
	return text, err
}

// Open implements record.Site. The address is the path of a page or of a file.
func (f *Folder) Open(address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, record.ErrNoFile
	}
	if own, err := url.Parse(f.address); u.Host != "" && (err != nil || u.Host != own.Host) {
		return nil, record.ErrNoFile
	}
	name := strings.TrimPrefix(path.Clean("/"+u.Path), "/")
	candidates := []string{name}
	if dir := path.Base(path.Dir(name)); strings.Contains(name, "/"+dir+"/"+dir+"/") { // named with the folder of the page
		candidates = append(candidates, strings.Replace(name, "/"+dir+"/"+dir+"/", "/"+dir+"/", 1))
	}
	for _, dir := range append(f.static, f.content, f.content+"/_posts") {
		candidates = append(candidates, path.Join(dir, name))
		if below, ok := strings.CutPrefix("/"+name, f.subfolder+"/"); ok {
			candidates = append(candidates, path.Join(dir, below))
		}
	}
	for _, candidate := range candidates {
		if info, err := fs.Stat(f.files, candidate); err == nil && info.Mode().IsRegular() {
			return f.files.Open(candidate)
		}
	}
	return nil, record.ErrNoFile
}

// Records implements record.Site.
func (f *Folder) Records(ctx context.Context, yield func(record.Record) error) error {
	r := &reader{Folder: f, yield: yield, seen: map[string]bool{}}
	if f.only != "" {
		return r.page(f.only)
	}
	return fs.WalkDir(f.files, f.content, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("read the folder: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir():
			if base := d.Name(); name != f.content && (strings.HasPrefix(base, ".") || skipped[base] || f.generator == jekyll && !isPosts(name)) {
				return fs.SkipDir
			}
			return nil
		}
		if ext := strings.ToLower(path.Ext(name)); ext != ".md" && ext != ".markdown" || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		return r.page(name)
	})
}

// skipped are folders without pages.
var skipped = map[string]bool{"node_modules": true, "themes": true, "public": true, "_site": true, "vendor": true, "layouts": true, "_discarded": true}

// isPosts reports whether a folder of Jekyll is, has or belongs to one of posts.
func isPosts(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return top == "_posts" || top == "_drafts" || !strings.HasPrefix(top, "_")
}

// reader yields the records of a folder.
type reader struct {
	*Folder
	yield func(record.Record) error
	seen  map[string]bool // keys of categories and publishers
}

// page yields the article of a file, and before it the category and the publisher that are new.
func (r *reader) page(name string) error {
	if path.Base(name) == "_index.md" {
		return nil // about its folder
	}
	common := record.Common{Key: "article/" + name, Where: name}
	text, err := r.read(name)
	if err == nil {
		var values fields
		var below string
		if values, below, err = split(text); err == nil {
			p := &page{fields: values, name: name, folder: r.Folder}
			return r.article(common, p, below)
		}
	}
	reason, _, _ := strings.Cut(err.Error(), "\n")
	return r.yield(&record.Broken{Common: common, Reason: reason})
}
