// Package media keeps the pictures that are uploaded.
//
// What comes in goes to a temporary file first, cut off at the limit; then
// media/raster looks at it, and only what it lets through is decoded, a few at a
// time, within a budget of memory. The files are in storage, whole, before the row
// in the database says that they are: an answered upload survives a crash, and one
// cut off leaves nothing but files that nobody knows. The same file twice is one
// picture. The package knows neither HTTP nor where the files lie.
package media

import (
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

// Files is where files lie. A name never gets another content.
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
	Memory int64 // for all that are decoded at once; 0: 512 MiB
}

// MaxAlt limits the length of the text that describes a picture, in characters.
const MaxAlt = 300

// Service is what can be done with pictures.
type Service struct {
	store  *store.Store
	audit  *audit.Log
	files  Files
	limits Limits
	memory *semaphore.Weighted
	slots  *semaphore.Weighted
	rooms  *semaphore.Weighted
}

// How many pictures are received at once, which bounds what they take on the disk,
// and how many are held in memory to be looked at.
const (
	receiving = 32
	looking   = 4
)

// New is the service on s, with its files in f.
func New(s *store.Store, log *audit.Log, f Files, l Limits) *Service {
	if l.Memory == 0 {
		l.Memory = 512 << 20
	}
	return &Service{store: s, audit: log, files: f, limits: l, memory: semaphore.NewWeighted(l.Memory), slots: semaphore.NewWeighted(looking),
		rooms: semaphore.NewWeighted(receiving)}
}

// Limit is the most bytes that an upload may have.
func (s *Service) Limit() int64 { return s.limits.Bytes }

// Check reports whether files can be kept.
func (s *Service) Check(ctx context.Context) error { return s.files.Check(ctx) }

// Allow refuses who may not upload, before anything is read.
func (s *Service) Allow(ctx context.Context) error {
	if v := viewer.From(ctx); !policy.IsWriter(v) {
		return policy.Denied(v)
	}
	return nil
}

// Incoming is a file that was received and not yet looked at.
type Incoming struct {
	file  *os.File
	size  int64
	hash  string
	rooms *semaphore.Weighted
}

// Receive reads a file to its end, or until it is too large, into a temporary one.
func (s *Service) Receive(ctx context.Context, r io.Reader) (_ *Incoming, err error) {
	if err := s.rooms.Acquire(ctx, 1); err != nil {
		return nil, busy(err)
	}
	file, err := os.CreateTemp("", "tonggao-upload-*")
	if err == nil { // without a name it is gone when it is closed, also by kill -9
		err = os.Remove(file.Name())
	}
	if err != nil {
		s.rooms.Release(1)
		return nil, fault.Wrap(err, fault.Unavailable, "uploads cannot be received right now; the operator finds the cause in the log")
	}
	in := &Incoming{file: file, rooms: s.rooms}
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
		return nil, fault.Wrap(err, fault.Unavailable, "there is no room to receive the upload; the operator must make some, then send it again")
	case in.size > s.limits.Bytes:
		return nil, fault.New(fault.TooExpensive, "a file has at most %.1f MiB; save it smaller", float64(s.limits.Bytes)/(1<<20))
	case in.size == 0:
		return nil, fault.New(fault.BadUserInput, "the upload is empty; send the bytes of a file")
	}
	in.hash = mediaurl.Hash([sha256.Size]byte(sum.Sum(nil)))
	return in, nil
}

// source remembers whether reading failed, so that it is not taken for writing.
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

// Bytes is what came in, handed to use while there is room for it in memory.
func (s *Service) Bytes(ctx context.Context, in *Incoming, use func([]byte) error) error {
	data, free, err := s.read(ctx, in)
	if err != nil {
		return err
	}
	defer free()
	return use(data)
}

// read is what came in, when there is room for it; free gives the room back.
func (s *Service) read(ctx context.Context, in *Incoming) (data []byte, free func(), err error) {
	if err := s.slots.Acquire(ctx, 1); err != nil {
		return nil, nil, busy(err)
	}
	data = make([]byte, in.size)
	if _, err := in.file.ReadAt(data, 0); err != nil {
		s.slots.Release(1)
		return nil, nil, fmt.Errorf("read what was uploaded: %w", err)
	}
	return data, func() { s.slots.Release(1) }, nil
}

// Discard forgets what came in; to be called once.
func (in *Incoming) Discard() {
	_ = in.file.Close() // nobody reads it again
	in.rooms.Release(1)
}

// Add makes a picture of what came in.
func (s *Service) Add(ctx context.Context, in *Incoming, alt string) (*ent.Picture, error) {
	if err := s.Allow(ctx); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	if alt = input.Line(&bad, "alt", alt, 0, MaxAlt); bad != nil {
		return nil, fault.New(fault.BadUserInput, "%v", bad)
	}
	known, err := s.byHash(ctx, in.hash)
	if err != nil || known != nil && s.has(ctx, known) {
		return known, err
	}
	files, animated, err := s.make(ctx, in)
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
	if known != nil {
		return known, nil
	}
	return s.save(ctx, row)
}

// has reports whether the files of a picture are where they should be; those of a
// restored database may not be.
func (s *Service) has(ctx context.Context, p *ent.Picture) bool {
	for _, name := range names(p) {
		f, err := s.files.Open(ctx, name)
		if err != nil {
			return !fault.Is(err, fault.NotFound)
		}
		_ = f.Close()
	}
	return true
}

// names is the names of the files of p.
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

// Path is the address of a file of p, without the host.
func Path(p *ent.Picture, f schema.PictureFile) string { return mediaurl.Path(name(p, f)) }

// make looks at what came in and makes its files, when there is memory for it.
func (s *Service) make(ctx context.Context, in *Incoming) (_ []imaging.File, animated bool, err error) {
	data, free, err := s.read(ctx, in)
	if err != nil {
		return nil, false, err
	}
	defer free()
	p, err := imaging.Decode(data, imaging.Limits{Pixels: s.limits.Pixels, Memory: s.limits.Memory})
	if err != nil {
		return nil, false, err
	}
	if err := s.memory.Acquire(ctx, p.Memory); err != nil {
		return nil, false, busy(err)
	}
	defer s.memory.Release(p.Memory)
	files, err := p.Files()
	return files, p.Animated, err
}

func busy(err error) error {
	return fault.Wrap(err, fault.Unavailable, "other pictures are being looked at; send this one again in a moment")
}

// row is a picture to be.
type row struct {
	hash, alt string
	animated  bool
	files     []schema.PictureFile
}

func (s *Service) save(ctx context.Context, r row) (*ent.Picture, error) {
	now, v := s.store.Clock(), viewer.From(ctx)
	p, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Picture, error) {
		return c.Picture.Create().SetID(typeid.New(typeid.Picture, now)).SetHash(r.hash).SetAlt(optional.String(r.alt)).
			SetAnimated(r.animated).SetFiles(r.files).SetPublisherID(v.Publisher).
			SetUploadedBy(optional.String(v.Name)).SetCreatedAt(now).Save(ctx)
	})
	if store.IsUnique(err) { // somebody else sent the same at the same moment
		return s.byHash(ctx, r.hash)
	}
	if err != nil {
		return nil, fmt.Errorf("save a picture: %w", err)
	}
	return p, nil
}

// byHash is the picture of that hash, nil where there is none. Whoever has the
// file may know its picture.
func (s *Service) byHash(ctx context.Context, hash string) (*ent.Picture, error) {
	p, err := s.store.Client(ctx).Picture.Query().Where(picture.Hash(hash)).Only(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return p, err
}
