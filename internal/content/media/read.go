package media

import (
	"context"
	"fmt"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Connection is a page of pictures.
type Connection = pagination.Connection[*ent.Picture]

// Edge is a picture in a list.
type Edge = pagination.Edge[*ent.Picture]

var newestFirst = pagination.Order{Name: "CREATED_DESC", Column: picture.FieldCreatedAt, Desc: true}

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List returns a page of the pictures that the viewer may see, newest first.
func (s *Service) List(ctx context.Context, r pagination.Request) (*Connection, error) {
	if err := policy.Require(ctx, policy.ListPictures); err != nil {
		return nil, err
	}
	w, err := s.store.Cursors.Window(r, "pictures", newestFirst)
	if err != nil {
		return nil, err
	}
	query := s.store.Client(ctx).Picture.Query
	rows, err := pagination.Rows(w, func() ([]*ent.Picture, error) {
		return query().CollectFields(ctx, rowsPath, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	position := func(p *ent.Picture) pagination.Position {
		return pagination.Position{Value: int64(p.CreatedAt), ID: p.ID}
	}
	return pagination.Connect(w, rows, position, query().Count), nil
}

// ByIDs returns the pictures with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Picture, error) {
	rows, err := s.store.Client(ctx).Picture.Query().Where(picture.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read pictures by id: %w", err)
	}
	return store.ByKey(rows, func(p *ent.Picture) string { return p.ID }), nil
}

// Details is what a client that has the address of a picture may know of it.
type Details struct {
	Width, Height int
	Alt           string
	Variants      []*Variant
}

// Variant is a smaller copy of a picture.
type Variant struct {
	URL           string
	Width, Height int
}

// Address is the address of a picture, with the publisher that shows it.
type Address struct{ Publisher, URL string }

// DetailsOf returns the details of each address that is one of an uploaded picture, in one
// statement. The alternative text is that of the publisher or of the editors.
func (s *Service) DetailsOf(ctx context.Context, addresses []Address) (map[Address]Details, error) {
	var hashes []string
	for _, at := range addresses {
		if hash := mediaurl.HashOf(at.URL); hash != "" {
			hashes = append(hashes, hash)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	pictures, err := policy.PicturesOf(ctx, s.store.Client(ctx), hashes)
	if err != nil {
		return nil, err
	}
	found := make(map[Address]Details, len(addresses))
	for _, at := range addresses {
		if p := pictures.ShownBy(at.Publisher, mediaurl.HashOf(at.URL)); p != nil {
			found[at] = detailsAt(p, at.URL)
		}
	}
	return found, nil
}

// detailsAt returns the details of the file of p at src; the addresses of its copies have
// the same host.
func detailsAt(p *ent.Picture, src string) Details {
	at := mediaurl.FileOf(src)
	src, _ = mediaurl.Canonical(src)
	before := strings.TrimSuffix(src, mediaurl.Path(at))
	s := Details{Alt: string(p.Alt)}
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

// Variants returns the smaller copies of p, the smallest first.
func Variants(p *ent.Picture, base string) []*Variant {
	return detailsAt(p, base+Path(p, p.Files[0])).Variants
}

var errNotFound = fault.New(fault.NotFound, "there is no such picture, or it is not for you to see")
