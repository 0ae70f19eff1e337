package importer

import (
	"context"
	"errors"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/media/imaging"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// putPicture writes what is known of a picture. Its files are brought by whoever
// moves the folder or the bucket.
func (r *reading) putPicture(ctx context.Context, c *ent.Client, is archive.Picture) (article.Outcome, error) {
	return upsert[archive.Picture, *ent.Picture]{
		kind: typeid.Picture, id: func(t archive.Picture) string { return t.ID }, find: c.Picture.Get, line: archive.FromPicture,
		check: func(was *archive.Picture, is archive.Picture) error {
			if was != nil {
				return errFixed // a picture does not change
			}
			return errors.Join(checkFiles(is), checkText("alt", string(is.Alt), 0), checkText("uploadedBy", string(is.UploadedBy), 0))
		},
		create: func(t archive.Picture) error {
			return c.Picture.Create().SetID(t.ID).SetHash(t.Hash).SetAlt(t.Alt).SetAnimated(t.Animated).SetFiles(t.Files).
				SetPublisherID(t.Publisher).SetUploadedBy(t.UploadedBy).SetCreatedAt(t.CreatedAt).Exec(ctx)
		},
	}.put(ctx, is)
}

// checkFiles asserts that every file has a name and a size of ours.
func checkFiles(p archive.Picture) error {
	if len(p.Files) == 0 {
		return fault.New(fault.BadUserInput, "files: must have the picture itself")
	}
	for _, f := range p.Files {
		name := mediaurl.Path(mediaurl.Name(p.Hash, f.Width, imaging.Type(f.Type).Extension()))
		if _, ok := mediaurl.NameOf(name); !ok || f.Height < 1 || f.Bytes < 1 || !imaging.Type(f.Type).Valid() {
			return fault.New(fault.BadUserInput, "files: %.60q is no file of a picture", name)
		}
	}
	return nil
}
