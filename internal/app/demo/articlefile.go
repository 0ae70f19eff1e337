package demo

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/app/demo/picture"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/foundation/slug"
)

// The articles: a small front matter, then Markdown. Adding one is adding a file.
//
//go:embed articles/*.md comments.txt reports.txt
var files embed.FS

// An articleFile is an article as it is written in articles/.
type articleFile struct {
	file, slug                               string
	title, subtitle, lead                    string
	category, region, publisher              string // by slug, slug and key of the portal
	author, source, sourceURL, cover, status string
	tags                                     []string
	age                                      time.Duration // before now; negative: after
	ai, ad                                   bool
	body                                     body.Document
}

// readArticles reads all article files in the order of their numbers.
func readArticles() ([]articleFile, error) {
	names, err := fs.Glob(files, "articles/*.md")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := make([]articleFile, len(names))
	var errs []error
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if list[i], err = parse(name, string(text)); err != nil {
			errs = append(errs, err)
		}
	}
	return list, errors.Join(errs...)
}

// parse reads one article file.
func parse(file, text string) (articleFile, error) {
	_, slug, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".md"), "-")
	m := articleFile{file: file, slug: slug}
	front, markdown, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n")
	if !ok || !strings.HasPrefix(text, "---\n") {
		return m, fmt.Errorf("%s:1: an article begins with a front matter between two lines of ---", file)
	}
	for i, line := range strings.Split(front, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return m, fmt.Errorf("%s:%d: %q is not key: value", file, i+2, line)
		}
		if err := m.set(key, strings.TrimSpace(value)); err != nil {
			return m, fmt.Errorf("%s:%d: %w", file, i+2, err)
		}
	}
	if err := m.check(); err != nil {
		return m, fmt.Errorf("%s:1: %w", file, err)
	}
	var err error
	if m.body, err = mdin.Parse(markdown); err != nil {
		return m, fmt.Errorf("%s:%d: %w", file, strings.Count(front, "\n")+3, err)
	}
	for _, image := range m.body.Images() {
		if !picture.Exists(image.Src) || image.Alt == "" {
			at := strings.Index(text, image.Src)
			return m, fmt.Errorf("%s:%d: the picture %s is not one of the demo's, or has no description", file, 1+strings.Count(text[:max(at, 0)], "\n"), image.Src)
		}
	}
	return m, nil
}

// The values of status; an article without one is published.
const (
	published = ""
	draft     = "draft"
	scheduled = "scheduled"
)

// check returns an error for front matter that lacks a key or contradicts itself.
func (m *articleFile) check() error {
	for key, value := range map[string]string{"title": m.title, "category": m.category, "publisher": m.publisher} {
		if value == "" {
			return fmt.Errorf("%s is missing", key)
		}
	}
	switch {
	case m.age == 0:
		return errors.New("age is missing")
	case (m.age < 0) != (m.status == scheduled):
		return fmt.Errorf("an article of the age %s cannot have the status %q", m.age, m.status)
	case m.age > oldest:
		return fmt.Errorf("the article is older than the portal; at most %s", oldest)
	case m.sourceURL != "" && m.source == "":
		return errors.New("a source_url needs a source")
	}
	return slug.Check(m.slug)
}

func (m *articleFile) set(key, value string) (err error) {
	texts := map[string]*string{
		"title": &m.title, "subtitle": &m.subtitle, "lead": &m.lead, "category": &m.category, "region": &m.region,
		"publisher": &m.publisher, "author": &m.author, "source": &m.source, "source_url": &m.sourceURL,
		"cover": &m.cover, "status": &m.status,
	}
	switch {
	case texts[key] != nil:
		*texts[key] = value
		err = checkExists(key, value)
	case key == "tags":
		for tag := range strings.SplitSeq(strings.ReplaceAll(value, "\uff0c", ","), ",") {
			m.tags = append(m.tags, strings.TrimSpace(tag))
		}
	case key == "age":
		m.age, err = parseAge(value)
	case key == "flags":
		for flag := range strings.SplitSeq(value, ",") {
			switch strings.TrimSpace(flag) {
			case "ai":
				m.ai = true
			case "ad":
				m.ad = true
			default:
				err = fmt.Errorf("there is no flag %q; there are ai and ad", flag)
			}
		}
	default:
		err = fmt.Errorf("there is no key %q", key)
	}
	return err
}

// checkExists returns an error for a value that the portal does not have.
func checkExists(key, value string) error {
	exists := true
	switch key {
	case "category":
		exists = hasCategory(categoryTree, value)
	case "region":
		exists = slices.ContainsFunc(regions, func(p named) bool { return p.slug == value })
	case "publisher":
		exists = slices.ContainsFunc(publishers, func(p publisherEntry) bool { return p.key == value })
	case "cover":
		exists = picture.Exists(picture.Path(value))
	case "status":
		exists = value == draft || value == scheduled
	}
	if !exists {
		return fmt.Errorf("there is no %s %q", key, value)
	}
	return nil
}

// parseAge reads 25m, 3h, 41d or -2d.
func parseAge(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if s != "" {
		unit := units[s[len(s)-1]]
		if n, err := strconv.Atoi(s[:len(s)-1]); err == nil && unit != 0 {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("the age %q is invalid; write one like 25m, 3h or 41d", s)
}
