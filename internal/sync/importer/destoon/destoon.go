// Package destoon reads the articles of a Destoon portal (versions 3 to 9) from the tables of
// its database: categories, areas with articles, members who wrote, articles of all
// modules of articles with their texts, and comments.
//
// Columns that a version does not have are empty. Passwords, telephone numbers, mail
// addresses and amounts of money are not read.
package destoon

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

var (
	wanted   = regexp.MustCompile(`^\w*?(?:article_\d+|article_data_\d+|\d+_\d+|category|area|member|comment|module)$`)
	articles = regexp.MustCompile(`^(\w*?)article_(\d+)$`)
)

// Wanted reports whether a table of a dump is read.
func Wanted(table string) bool { return wanted.MatchString(table) }

// Portal reads the portal in a database.
type Portal struct {
	tables  *mysql.Tables
	prefix  string // of tables
	modules []module
	address string
}

// module is a module of articles.
type module struct {
	id      string
	name    string
	linkurl string // address of its pages, which those of its articles are relative to
}

// New returns the portal of tables. Address is that of the site, or "".
func New(ctx context.Context, tables *mysql.Tables, address string) (*Portal, error) {
	p := &Portal{tables: tables, address: address}
	var ids []string
	for _, table := range tables.Names() {
		if found := articles.FindStringSubmatch(table); found != nil && tables.Has(found[1]+"category") {
			p.prefix = found[1]
			ids = append(ids, found[2])
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("it has no tables of Destoon, such as destoon_article_21 and destoon_category, but %d others", len(tables.Names()))
	}
	known, err := p.moduleRows(ctx)
	for _, id := range ids {
		m := module{id: id, linkurl: known[id]["linkurl"], name: known[id]["name"]}
		if m.linkurl == "" && known[id]["moduledir"] != "" {
			m.linkurl = strings.TrimSuffix(p.address, "/") + "/" + known[id]["moduledir"] + "/"
		}
		if u, err := url.Parse(m.linkurl); err == nil && u.Host != "" && p.address == "" {
			p.address = u.Scheme + "://" + u.Host
		}
		p.modules = append(p.modules, m)
	}
	return p, err
}

func (p *Portal) moduleRows(ctx context.Context) (map[string]mysql.Row, error) {
	found := map[string]mysql.Row{}
	err := p.tables.Each(ctx, p.prefix+"module", "moduleid", func(rows []mysql.Row) error {
		for _, row := range rows {
			found[row["moduleid"]] = row
		}
		return nil
	})
	return found, err
}

// Address implements record.Site.
func (p *Portal) Address() string { return p.address }

// Open implements record.Site: a database has no files.
func (p *Portal) Open(string) (io.ReadCloser, error) { return nil, record.ErrNoFile }

// Records implements record.Site.
func (p *Portal) Records(ctx context.Context, yield func(record.Record) error) error {
	r := &reader{Portal: p, yield: yield, members: map[string]string{}, areas: map[int64]bool{}, categories: map[int64]bool{}}
	for _, step := range []func(context.Context) error{r.readCategories, r.readAreas, r.readMembers, r.readArticles, r.readComments} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reader yields the records of a portal.
type reader struct {
	*Portal
	yield      func(record.Record) error
	categories map[int64]bool    // that exist
	areas      map[int64]bool    // that exist and have articles
	members    map[string]string // keys of publishers, by user names
}

// readCategories yields the categories of the modules of articles, parents first.
func (r *reader) readCategories(ctx context.Context) error {
	rows := map[int64]mysql.Row{}
	var order []int64
	err := r.tables.Each(ctx, r.prefix+"category", "catid", func(page []mysql.Row) error {
		for _, row := range page {
			if _, ok := r.module(row["moduleid"]); ok {
				rows[row.Int("catid")] = row
				order = append(order, row.Int("catid"))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var walk func(id int64, depth int) error
	walk = func(id int64, depth int) error {
		if r.categories[id] {
			return nil
		}
		parent := rows[id].Int("parentid")
		if rows[parent] != nil && depth < len(rows) {
			if err := walk(parent, depth+1); err != nil {
				return err
			}
		}
		if r.categories[id] { // below itself
			return nil
		}
		r.categories[id] = true
		return r.yield(r.category(rows[id], parent))
	}
	for _, id := range order {
		if err := walk(id, 0); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) module(id string) (module, bool) {
	for _, m := range r.modules {
		if m.id == id {
			return m, true
		}
	}
	return module{}, false
}

func (r *reader) category(row mysql.Row, parent int64) *record.Category {
	id := row["catid"]
	m, _ := r.module(row["moduleid"])
	c := &record.Category{Common: record.Common{Key: "category/" + id, Where: "category " + id}, Name: row["catname"], Slug: row["catdir"], Position: int(row.Int("listorder"))}
	if parent != 0 {
		c.Parent = fmt.Sprintf("category/%d", parent)
	}
	c.Paths = []string{m.at("list.php?catid=" + id)}
	if link := row["linkurl"]; link != "" {
		c.Paths = append(c.Paths, m.at(link))
	}
	return c
}

// at returns the address of a page of the module.
func (m module) at(link string) string {
	base, err := url.Parse(m.linkurl)
	if err != nil {
		return link
	}
	full, err := base.Parse(link)
	if err != nil {
		return link
	}
	return full.String()
}

// readAreas yields the areas that articles belong to.
func (r *reader) readAreas(ctx context.Context) error {
	used := map[int64]bool{}
	for _, m := range r.modules {
		err := r.tables.Each(ctx, r.prefix+"article_"+m.id, "itemid", func(rows []mysql.Row) error {
			for _, row := range rows {
				used[row.Int("areaid")] = true
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return r.tables.Each(ctx, r.prefix+"area", "areaid", func(rows []mysql.Row) error {
		for _, row := range rows {
			id := row.Int("areaid")
			if !used[id] || id == 0 {
				continue
			}
			r.areas[id] = true
			key := strconv.FormatInt(id, 10)
			if err := r.yield(&record.Region{Common: record.Common{Key: "region/" + key, Where: "area " + key}, Name: row["areaname"], Position: int(row.Int("listorder"))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// readMembers yields the members; those who are named by articles without being a member
// follow with their articles.
func (r *reader) readMembers(ctx context.Context) error {
	return r.tables.Each(ctx, r.prefix+"member", "userid", func(rows []mysql.Row) error {
		for _, row := range rows {
			name := row["username"]
			if name == "" {
				continue
			}
			shown := row["passport"]
			if shown == "" {
				shown = name
			}
			key := "publisher/" + name
			r.members[name] = key
			if err := r.yield(&record.Publisher{Common: record.Common{Key: key, Where: "member " + name}, Name: shown, CreatedAt: moment(row.Int("regtime"))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// publisher returns the key of a user name.
func (r *reader) publisher(name string) (string, error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", nil
	}
	key, ok := r.members[name]
	if !ok {
		key = "publisher/" + name
		r.members[name] = key
		return key, r.yield(&record.Publisher{Common: record.Common{Key: key, Where: "member " + name}, Name: name})
	}
	return key, nil
}

// moment returns a time in seconds; 0 for none.
func moment(seconds int64) instant.Instant {
	if seconds <= 0 || seconds > 1<<40 {
		return 0
	}
	return instant.Instant(seconds * 1_000_000)
}
