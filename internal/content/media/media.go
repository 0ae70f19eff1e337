// Package media stores the pictures that are uploaded.
//
// An upload is received into a temporary file first, up to the limit; then media/imaging
// inspects it, and decodes what it accepts, a few at a time, within a memory budget. The
// files are complete in storage before the row in the database refers to them: an upload
// that was acknowledged survives a crash, and one that broke off leaves orphaned files at
// most. The same file is stored once, with a row for each publisher that uploaded it; the row of
// an editor has no publisher. The package knows neither HTTP nor the storage.
package media

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/semaphore"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/schema"
	"github.com/tonggao/tonggao/internal/content/media/imaging"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Files is the storage. A name never gets another content.
type Files interface {
	Put(ctx context.Context, name, contentType string, data []byte) error
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	Remove(ctx context.Context, names []string) error
	Check(ctx context.Context) error
}

// Limits bound what an upload may be.
type Limits struct {
	Bytes  int64 // of the file
	Pixels int64
	Memory int64 // for all that are decoded concurrently; 0: 512 MiB
}

// MaxAlt limits the length of the text that describes a picture, in characters.
const MaxAlt = 300

// Options are the dependencies of a Service.
type Options struct {
	Store  *store.Store
	Audit  *audit.Log
	Files  Files
	Limits Limits
}

// Service stores and reads pictures.
type Service struct {
	store     *store.Store
	audit     *audit.Log
	files     Files
	limits    Limits
	decoding  *semaphore.Weighted // bytes of memory
	reading   *semaphore.Weighted
	receiving *semaphore.Weighted
	strangers *slots
}

// New returns a service with the dependencies in o.
func New(o Options) *Service {
	if o.Limits.Memory == 0 {
		o.Limits.Memory = 512 << 20
	}
	return &Service{store: o.Store, audit: o.Audit, files: o.Files, limits: o.Limits, decoding: semaphore.NewWeighted(o.Limits.Memory),
		reading: semaphore.NewWeighted(maxReading), receiving: semaphore.NewWeighted(maxReceiving),
		strangers: &slots{all: semaphore.NewWeighted(maxStrangers), each: map[string]int{}}}
}

// Limit returns how many bytes an upload may have.
func (s *Service) Limit() int64 { return s.limits.Bytes }

// Check returns an error unless files can be stored.
func (s *Service) Check(ctx context.Context) error { return s.files.Check(ctx) }

// Allow returns an error if the viewer may not upload. Call it before anything is read.
func (s *Service) Allow(ctx context.Context) error {
	return policy.Require(ctx, policy.UploadPictures)
}

// Incoming is a file that was received and not inspected yet.
type Incoming struct {
	file    *os.File
	size    int64
	hash    string
	release func()
}

// Receive reads a file to its end, or until it is too large, into a temporary file.
func (s *Service) Receive(ctx context.Context, r io.Reader) (*Incoming, error) {
	return s.ReceiveFrom(ctx, "", r)
}

// ReceiveFrom receives a file like Receive from a client that needs no token, in the slots of
// its network.
func (s *Service) ReceiveFrom(ctx context.Context, stranger string, r io.Reader) (_ *Incoming, err error) {
	release := func() { s.receiving.Release(1) }
	if stranger != "" {
		release, err = s.strangers.enter(ctx, stranger)
	} else if err = s.receiving.Acquire(ctx, 1); err != nil {
		err = busy(err)
	}
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "tonggao-upload-*")
	if err == nil { // a file without a name disappears when it is closed, also by kill -9
		err = os.Remove(file.Name())
	}
	if err != nil {
		release()
		return nil, fault.Wrap(err, fault.Unavailable, "uploads cannot be received right now; the operator finds the cause in the log")
	}
	in := &Incoming{file: file, release: release}
	defer func() {
		if err != nil {
			in.Discard()
		}
	}()
	sum := sha256.New()
	from := &source{r: io.LimitReader(r, s.limits.Bytes+1)}
	in.size, err = io.Copy(io.MultiWriter(file, sum), from)
	switch {
	case from.err != nil:
		return nil, fault.Wrap(from.err, fault.BadUserInput, "the upload broke off; send it again")
	case err != nil:
		return nil, fault.Wrap(err, fault.Unavailable, "there is no disk space for the upload; the operator must free some, then send it again")
	case in.size > s.limits.Bytes:
		return nil, fault.New(fault.TooExpensive, "a file has at most %.1f MiB; save it smaller", float64(s.limits.Bytes)/(1<<20))
	case in.size == 0:
		return nil, fault.New(fault.BadUserInput, "the upload is empty; send the bytes of a file")
	}
	in.hash = mediaurl.Hash([sha256.Size]byte(sum.Sum(nil)))
	return in, nil
}

// source records whether reading failed, to distinguish that from a failed write.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// Bytes calls use with the content of the file, once there is memory for it.
func (s *Service) Bytes(ctx context.Context, in *Incoming, use func([]byte) error) error {
	data, free, err := s.read(ctx, in)
	if err != nil {
		return err
	}
	defer free()
	return use(data)
}

// read returns the content of the file, once there is memory for it; free releases that.
func (s *Service) read(ctx context.Context, in *Incoming) (data []byte, free func(), err error) {
	if err := s.reading.Acquire(ctx, 1); err != nil {
		return nil, nil, busy(err)
	}
	data = make([]byte, in.size)
	if _, err := in.file.ReadAt(data, 0); err != nil {
		s.reading.Release(1)
		return nil, nil, fmt.Errorf("read an uploaded file: %w", err)
	}
	return data, func() { s.reading.Release(1) }, nil
}

// Discard removes the file. It must be called once.
func (in *Incoming) Discard() {
	_ = in.file.Close() // it is not read again
	in.release()
}

// Add stores the file as a picture of the viewer's publisher, or returns the picture that it
// is already. Files that are stored, because another publisher uploaded them, are used again.
func (s *Service) Add(ctx context.Context, in *Incoming, alt string) (*ent.Picture, error) {
	if err := s.Allow(ctx); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	if alt = input.Line(&bad, "alt", alt, 0, MaxAlt); bad != nil {
		return nil, fault.New(fault.BadUserInput, "%v", bad)
	}
	own, other, err := s.byHash(ctx, in.hash)
	if err != nil {
		return nil, err
	}
	if own != nil && s.hasFiles(ctx, own) {
		return own, nil
	}
	if own == nil && other != nil && s.hasFiles(ctx, other) {
		p, err := s.save(ctx, row{in.hash, alt, other.Animated, other.Files}, true)
		if !errors.Is(err, errFilesGone) {
			return p, err
		}
	}
	files, animated, err := s.render(ctx, in)
	if err != nil {
		return nil, err
	}
	row := row{hash: in.hash, alt: alt, animated: animated}
	for _, f := range files {
		if err := s.files.Put(ctx, mediaurl.Name(in.hash, f.Width, f.Type.Extension()), string(f.Type), f.Data); err != nil {
			return nil, err
		}
		row.files = append(row.files, schema.PictureFile{Type: string(f.Type), Width: f.Width, Height: f.Height, Bytes: len(f.Data)})
	}
	if own != nil {
		return own, nil
	}
	return s.save(ctx, row, false)
}

// hasFiles reports whether the files of a picture are in storage; after a database was
// restored they may not be.
func (s *Service) hasFiles(ctx context.Context, p *ent.Picture) bool {
	for _, name := range names(p) {
		f, err := s.files.Open(ctx, name)
		if err != nil {
			return !fault.Is(err, fault.NotFound)
		}
		_ = f.Close()
	}
	return true
}

// names returns the names of the files of p.
func names(p *ent.Picture) []string {
	list := make([]string, len(p.Files))
	for i, f := range p.Files {
		list[i] = name(p, f)
	}
	return list
}

func name(p *ent.Picture, f schema.PictureFile) string {
	return mediaurl.Name(p.Hash, f.Width, imaging.Type(f.Type).Extension())
}

// Path returns the address of a file of p, without the host.
func Path(p *ent.Picture, f schema.PictureFile) string { return mediaurl.Path(name(p, f)) }

// render inspects the file and makes the files of the picture, once there is memory for it.
func (s *Service) render(ctx context.Context, in *Incoming) (_ []imaging.File, animated bool, err error) {
	data, free, err := s.read(ctx, in)
	if err != nil {
		return nil, false, err
	}
	defer free()
	p, err := imaging.Decode(data, imaging.Limits{Pixels: s.limits.Pixels, Memory: s.limits.Memory})
	if err != nil {
		return nil, false, err
	}
	if err := s.decoding.Acquire(ctx, p.Memory); err != nil {
		return nil, false, busy(err)
	}
	defer s.decoding.Release(p.Memory)
	files, err := p.Files()
	if err != nil {
		return nil, false, err
	}
	return files, p.Animated, nil
}

func busy(err error) error {
	return fault.Wrap(err, fault.Unavailable, "too many pictures are being uploaded; send this one again in a moment")
}

// row is a picture to be saved.
type row struct {
	hash, alt string
	animated  bool
	files     []schema.PictureFile
}

// errFilesGone reports that the last owner of files deleted them.
var errFilesGone = errors.New("the files of the picture were deleted")

// save saves a picture of the viewer's publisher. Where the files are shared, those who own
// them keep them until it is saved.
func (s *Service) save(ctx context.Context, r row, shared bool) (*ent.Picture, error) {
	now, v := s.store.Clock(), viewer.From(ctx)
	p, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Picture, error) {
		if shared {
			if err := s.lockOwners(ctx, c, store.ForShare, r.hash); err != nil {
				return nil, err
			}
			if left, err := c.Picture.Query().Where(picture.Hash(r.hash)).Exist(viewer.AsSystem(ctx)); err != nil || !left {
				return nil, cmp.Or(err, errFilesGone)
			}
		}
		return c.Picture.Create().SetID(typeid.New(typeid.Picture, now)).SetHash(r.hash).SetAlt(optional.String(r.alt)).
			SetAnimated(r.animated).SetFiles(r.files).SetPublisherID(v.Publisher).
			SetUploadedBy(optional.String(v.Name)).SetCreatedAt(now).Save(ctx)
	})
	if store.IsUnique(err) { // the same file was uploaded concurrently
		p, _, err = s.byHash(ctx, r.hash)
		return p, err
	}
	if err != nil {
		return nil, fmt.Errorf("save a picture: %w", err)
	}
	return p, nil
}

// byHash returns the picture with that hash of the viewer's publisher, and one of others, nil
// where there is none.
func (s *Service) byHash(ctx context.Context, hash string) (own, other *ent.Picture, err error) {
	rows, err := s.store.Client(ctx).Picture.Query().Where(picture.Hash(hash)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, nil, fmt.Errorf("look up a picture by its hash: %w", err)
	}
	for _, p := range rows {
		if p.PublisherID == viewer.From(ctx).Publisher {
			own = p
		} else {
			other = p
		}
	}
	return own, other, nil
}
