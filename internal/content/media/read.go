package media

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Connection is a page of pictures.
type Connection = pagination.Connection[*ent.Picture]

// Edge is a picture in a list.
type Edge = pagination.Edge[*ent.Picture]

var newest = pagination.Order{Name: "CREATED_DESC", Column: picture.FieldCreatedAt, Desc: true}

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List is a page of the pictures that the viewer may see, the newest first.
func (s *Service) List(ctx context.Context, r pagination.Request) (*Connection, error) {
	if v := viewer.From(ctx); !policy.IsWriter(v) && !policy.IsStaff(v) {
		return nil, policy.Denied(v)
	}
	w, err := s.store.Cursors.Window(r, "pictures", newest)
	if err != nil {
		return nil, err
	}
	query := s.store.Client(ctx).Picture.Query
	rows, err := pagination.Rows(w, func() ([]*ent.Picture, error) {
		return query().CollectFields(ctx, rowsPath, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	position := func(p *ent.Picture) pagination.Position {
		return pagination.Position{Value: int64(p.CreatedAt), ID: p.ID}
	}
	return pagination.Connect(w, rows, position, query().Count), nil
}

// ByIDs is the pictures with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Picture, error) {
	rows, err := s.store.Client(ctx).Picture.Query().Where(picture.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	found := make(map[string]*ent.Picture, len(rows))
	for _, p := range rows {
		found[p.ID] = p
	}
	return found, err
}

// Shown is what everybody may know of a picture whose address they have.
type Shown struct {
	Width, Height int
	Alt           string
	Variants      []*Variant
}

// Variant is a smaller copy of a picture.
type Variant struct {
	URL           string
	Width, Height int
}

// At tells of each address that leads to an uploaded picture what it shows, in one
// statement.
func (s *Service) At(ctx context.Context, addresses []string) (map[string]Shown, error) {
	hashes := make(map[string][]string)
	for _, src := range addresses {
		if hash := mediaurl.HashOf(src); hash != "" {
			hashes[hash] = append(hashes[hash], src)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	names := make([]string, 0, len(hashes))
	for hash := range hashes {
		names = append(names, hash)
	}
	q := s.store.Client(ctx).Picture.Query().Where(picture.HashIn(names...))
	rows, err := q.All(viewer.AsSystem(ctx)) // who has the address sees the picture
	if err != nil {
		return nil, fmt.Errorf("look up pictures: %w", err)
	}
	found := make(map[string]Shown, len(rows))
	for _, p := range rows {
		for _, src := range hashes[p.Hash] {
			found[src] = shown(p, src)
		}
	}
	return found, nil
}

// shown is what is seen at src, an address of p; its copies stand beside it.
func shown(p *ent.Picture, src string) Shown {
	at, _ := mediaurl.NameOf(src)
	before, _, _ := strings.Cut(src, mediaurl.Path(at))
	s := Shown{Alt: string(p.Alt)}
	for i, f := range p.Files {
		if name(p, f) == at {
			s.Width, s.Height = f.Width, f.Height
		}
		if i > 0 {
			s.Variants = append(s.Variants, &Variant{before + Path(p, f), f.Width, f.Height})
		}
	}
	return s
}

// Variants is the smaller copies of p, the smallest first.
func Variants(p *ent.Picture, base string) []*Variant {
	return shown(p, base+Path(p, p.Files[0])).Variants
}

// Delete removes a picture for good, also where articles show it: whoever has to
// take a picture off the net cannot wait for them to be changed. The files go
// first, so that a delete that was cut off can be repeated.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := s.Allow(ctx); err != nil {
		return err
	}
	if !typeid.Is(typeid.Picture, id) {
		return errNotFound
	}
	p, err := s.store.Client(ctx).Picture.Get(ctx, id)
	if ent.IsNotFound(err) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	held, err := s.uses(ctx, p.Hash, down)
	if err != nil {
		return err
	}
	if held {
		return errHeld
	}
	if err := s.files.Remove(ctx, names(p)); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		switch err := c.Picture.DeleteOneID(id).Exec(ctx); {
		case ent.IsNotFound(err):
			return errNotFound
		case err != nil:
			return fmt.Errorf("delete a picture: %w", err)
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "PICTURE_DELETE", Item: id, Detail: map[string]string{"hash": p.Hash}})
	})
}

// Withheld reports whether a file belongs to an article that is taken down, and to none
// that is public now.
func (s *Service) Withheld(ctx context.Context, name string) (bool, error) {
	hash, _, _ := strings.Cut(name, "/")
	held, err := s.uses(ctx, hash, down)
	if err != nil || !held {
		return false, err
	}
	shown, err := s.uses(ctx, hash, policy.OfPublicArticle(pictureuse.FieldArticleID, s.store.Clock()))
	return !shown, err
}

// down is the uses by articles that are taken down. SQLite finds them in the index only
// where they are compared.
func down(q *sql.Selector) { q.Where(sql.ExprP(q.C(pictureuse.FieldDown) + " = TRUE")) }

// uses reports whether there is an article that shows the picture with this hash so.
func (s *Service) uses(ctx context.Context, hash string, so predicate.PictureUse) (bool, error) {
	found, err := s.store.Client(ctx).PictureUse.Query().Where(pictureuse.Hash(hash), so).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("look which articles show a picture: %w", err)
	}
	return found, nil
}

var errHeld = fault.New(fault.Conflict,
	"an article that is taken down shows this picture, so it is kept as it was; a moderator has to restore the article before anybody can delete it")

var errNotFound = fault.New(fault.NotFound, "there is no such picture, or it is not for you to see")
