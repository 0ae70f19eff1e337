// Package dedecms reads the articles of a DedeCMS site (version 5) from the tables of its
// database: categories, members, archives of all channels with their texts, tags and comments.
//
// Columns that a version does not have are empty. Passwords and mail addresses are not read.
package dedecms

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

var (
	wanted   = regexp.MustCompile(`^\w*?(?:archives|addon\w+|arctype|channeltype|taglist|feedback|member|sysconfig)$`)
	archives = regexp.MustCompile(`^(\w*?)archives$`)
)

// Wanted reports whether a table of a dump is read.
func Wanted(table string) bool { return wanted.MatchString(table) }

// Site reads the site in a database.
type Site struct {
	tables   *mysql.Tables
	prefix   string // of tables
	address  string
	path     string            // of the system below the host: cfg_cmspath
	channels map[string]string // tables with the texts, by channel
}

// New returns the site of tables. Address is that of the site, or "".
func New(ctx context.Context, tables *mysql.Tables, address string) (*Site, error) {
	s := &Site{tables: tables, address: strings.TrimSuffix(address, "/"), channels: map[string]string{}}
	found := false
	for _, table := range tables.Names() {
		if m := archives.FindStringSubmatch(table); m != nil && tables.Has(m[1]+"arctype") {
			s.prefix, found = m[1], true
		}
	}
	if !found {
		return nil, fmt.Errorf("it has no tables of DedeCMS, such as dede_archives and dede_arctype, but %d others", len(tables.Names()))
	}
	s.channels["1"] = s.prefix + "addonarticle"
	err := tables.Each(ctx, s.prefix+"channeltype", "id", func(rows []mysql.Row) error {
		for _, row := range rows {
			if table := strings.ReplaceAll(row["addtable"], "#@__", s.prefix); tables.Has(table) {
				s.channels[row["id"]] = table
			}
		}
		return nil
	})
	if err == nil {
		err = s.configure(ctx)
	}
	return s, err
}

// configure reads the address of the site.
func (s *Site) configure(ctx context.Context) error {
	return s.tables.Each(ctx, s.prefix+"sysconfig", "aid", func(rows []mysql.Row) error {
		for _, row := range rows {
			value := strings.TrimSuffix(strings.TrimSpace(row["value"]), "/")
			switch row["varname"] {
			case "cfg_basehost":
				if u, err := url.Parse(value); err == nil && u.Host != "" && s.address == "" {
					s.address = value
				}
			case "cfg_cmspath":
				s.path = value
			}
		}
		return nil
	})
}

// Address implements record.Site.
func (s *Site) Address() string { return s.address }

// Open implements record.Site: a database has no files.
func (s *Site) Open(string) (io.ReadCloser, error) { return nil, record.ErrNoFile }

// Records implements record.Site.
func (s *Site) Records(ctx context.Context, yield func(record.Record) error) error {
	r := &reader{Site: s, yield: yield, categories: map[int64]mysql.Row{}, members: map[string]bool{}}
	for _, step := range []func(context.Context) error{r.readCategories, r.readMembers, r.readArticles, r.readComments} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reader yields the records of a site.
type reader struct {
	*Site
	yield      func(record.Record) error
	categories map[int64]mysql.Row
	members    map[string]bool // by number
}

// readCategories yields the categories, parents first.
func (r *reader) readCategories(ctx context.Context) error {
	var order []int64
	err := r.tables.Each(ctx, r.prefix+"arctype", "id", func(rows []mysql.Row) error {
		for _, row := range rows {
			r.categories[row.Int("id")] = row
			order = append(order, row.Int("id"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	done := map[int64]bool{}
	var walk func(id int64, depth int) error
	walk = func(id int64, depth int) error {
		parent := r.categories[id].Int("reid")
		if r.categories[parent] != nil && !done[parent] && depth < len(order) {
			if err := walk(parent, depth+1); err != nil {
				return err
			}
		}
		if done[id] { // before, or below itself
			return nil
		}
		done[id] = true
		return r.yield(r.category(r.categories[id], parent))
	}
	for _, id := range order {
		if err := walk(id, 0); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) category(row mysql.Row, parent int64) *record.Category {
	id, dir := row["id"], r.directory(row)
	c := &record.Category{Common: record.Common{Key: "category/" + id, Where: "category " + id}, Name: row["typename"], Slug: dir[strings.LastIndexByte(dir, '/')+1:],
		Position: int(row.Int("sortrank")), Paths: []string{r.path + "/plus/list.php?tid=" + id}}
	if parent != 0 {
		c.Parent = fmt.Sprintf("category/%d", parent)
	}
	if strings.HasPrefix(dir, "/") {
		c.Paths = append(c.Paths, dir+"/")
	}
	return c
}

// directory returns the path of a category on the site, without a slash at the end.
func (r *reader) directory(row mysql.Row) string {
	return strings.TrimSuffix(strings.ReplaceAll(row["typedir"], "{cmspath}", r.path), "/")
}

// readMembers yields the members.
func (r *reader) readMembers(ctx context.Context) error {
	return r.tables.Each(ctx, r.prefix+"member", "mid", func(rows []mysql.Row) error {
		for _, row := range rows {
			name := row["uname"]
			if name == "" {
				name = row["userid"]
			}
			r.members[row["mid"]] = true
			if err := r.yield(&record.Publisher{Common: record.Common{Key: "publisher/" + row["mid"], Where: "member " + row["userid"]}, Name: name, CreatedAt: moment(row.Int("jointime"))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// moment returns a time in seconds; 0 for none.
func moment(seconds int64) instant.Instant {
	if seconds <= 0 || seconds > 1<<40 {
		return 0
	}
	return instant.Instant(seconds * 1_000_000)
}
