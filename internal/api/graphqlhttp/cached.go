package graphqlhttp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/position"
	"github.com/tonggao/tonggao/internal/api/responsecache"
	"github.com/tonggao/tonggao/internal/api/staticfile"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Cached configures which answers are kept, here and in caches in front of the program.
type Cached struct {
	Answers *responsecache.Cache
	Control string   // Cache-Control of a public answer to a GET; empty: none
	Tags    string   // the header that names what such an answer shows; empty: none
	Never   []string // root fields whose answers are for one client

	// Hit is called for each answer from the cache.
	Hit func(took time.Duration)
}

// notKept is the Cache-Control of answers to GETs that are not public, or may be gone soon.
const notKept = "private, no-store"

// record returns the context in which an operation is executed: where a cache may answer it,
// what it reads is recorded.
func (c *Cached) record(ctx context.Context, op *graphql.OperationContext) context.Context {
	e := exchangeOf(ctx)
	if e.fill == nil || op.Operation.Operation != ast.Query ||
		slices.ContainsFunc(rootFields(op), func(name string) bool { return slices.Contains(c.Never, name) }) {
		return ctx
	}
	e.public = true
	return e.fill.Record(ctx)
}

// answer answers a request, from the cache where it can.
func (h *handler) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, media string) {
	start := time.Now()
	key, atLeast, ok := h.cacheKey(ctx, w, r, media)
	if !ok {
		if r.Method == http.MethodGet && h.cached != nil {
			w.Header().Set("Cache-Control", notKept)
		}
		h.respond(ctx, w, r, media).write(w, media)
		return
	}
	if err := h.admission.Check(ctx); err != nil {
		h.notAdmitted(ctx, err).write(w, media)
		return
	}
	cache := h.cached.Answers
	a, at := cache.Get(ctx, key, atLeast)
	var fill *responsecache.Fill
	if a == nil {
		if a, at, fill = cache.Await(ctx, key); a != nil && at < atLeast {
			a, fill = nil, nil
		}
	}
	if a == nil {
		h.fill(ctx, w, r, media, fill)
		return
	}
	cache.CountHit()
	if at > 0 || !strings.Contains(w.Header().Get("Vary"), position.AtLeast) {
		position.Set(w.Header(), at)
	}
	w.Header().Set("Cache-Status", "tonggao; hit")
	sent := h.send(w, r, media, a)
	h.admission.Served(ctx, sent)
	if h.cached.Hit != nil {
		h.cached.Hit(time.Since(start))
	}
}

// fill executes a query, and keeps its answer where fill has a place for it. Fill may be nil.
func (h *handler) fill(ctx context.Context, w http.ResponseWriter, r *http.Request, media string, fill *responsecache.Fill) {
	e := exchangeOf(ctx)
	if fill != nil && (fill.Keeps() || r.Method == http.MethodGet) {
		defer fill.Abandon()
		e.fill = fill
	}
	resp := h.respond(ctx, w, r, media)
	if !e.public || resp.status != http.StatusOK || len(resp.errors) > 0 || resp.data == nil {
		if r.Method == http.MethodGet {
			w.Header().Set("Cache-Control", notKept)
		}
		resp.write(w, media)
		return
	}
	parts := resp.parts()
	at, _ := strconv.ParseInt(w.Header().Get(position.Header), 10, 64)
	a := fill.Finish(ctx, bytes.Join(parts[:], nil), at)
	w.Header().Set("Cache-Status", "tonggao; fwd=miss")
	h.send(w, r, media, a)
}

// send writes an answer, or that the client has it already, and returns how many bytes it has
// written.
func (h *handler) send(w http.ResponseWriter, r *http.Request, media string, a *responsecache.Answer) int {
	form := h.cached.Answers.Form(a, staticfile.AcceptsGzip(r.Header.Get("Accept-Encoding")))
	header := w.Header()
	header.Add("Vary", "Accept")
	if r.Method == http.MethodGet {
		h.cached.describe(header, a)
		header.Set("ETag", form.ETag)
		if tags := r.Header.Values("If-None-Match"); len(tags) > 0 && a.Matches(tags) {
			w.WriteHeader(http.StatusNotModified)
			return 0
		}
	}
	header.Set("Content-Type", media+"; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	if form.Gzip {
		header.Set("Content-Encoding", "gzip")
		header.Add("Vary", "Accept-Encoding")
	}
	header.Set("Content-Length", strconv.Itoa(len(form.Body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(form.Body) // fails only if the client is gone
	return len(form.Body)
}

// describe sets the headers by which caches in front of the program keep an answer.
func (c *Cached) describe(header http.Header, a *responsecache.Answer) {
	if a.Private {
		header.Set("Cache-Control", notKept)
		return
	}
	if c.Control != "" {
		header.Set("Cache-Control", c.Control)
	}
	if c.Tags != "" && len(a.Tags) > 0 {
		separator := " "
		if strings.EqualFold(c.Tags, "Cache-Tag") {
			separator = ","
		}
		header.Set(c.Tags, strings.Join(a.Tags, separator))
	}
}

// cacheKey returns what identifies the answer to a request, and the position that it must
// reflect. It returns false for a request whose answer is never kept: one with a token or a
// cookie, or one that is invalid. It has read the body then, or r still has it.
func (h *handler) cacheKey(ctx context.Context, w http.ResponseWriter, r *http.Request, media string) (k responsecache.Key, atLeast int64, ok bool) {
	if h.cached == nil || viewer.From(ctx).TokenID != "" || r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
		return k, 0, false
	}
	atLeast, err := position.Parse(r.Header)
	if err != nil {
		return k, 0, false
	}
	switch r.Method {
	case http.MethodGet:
		k.Raw = []byte(r.URL.RawQuery)
	case http.MethodPost:
		if checkContentType(r.Header) != nil || r.ContentLength > h.limits.Body {
			return k, 0, false
		}
		read, err := readUpTo(r, h.limits.Body+1)
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(read), &rest{r.Body, err}))
		if err != nil || int64(len(read)) > h.limits.Body {
			return k, 0, false
		}
		k.Raw = read
	default:
		return k, 0, false
	}
	kind := make([]byte, 0, 64)
	kind = append(kind, r.Method[0], media[len("application/")])
	if reqinfo.From(ctx).Chinese {
		kind = append(kind, 'c')
	}
	kind = strconv.AppendUint(append(kind, ' '), uint64(terminal.Named(ctx)), 10)
	k.Kind = string(kind)
	return k, atLeast, true
}

// readUpTo reads the body of a request, and no more than a limit.
func readUpTo(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength < 0 || r.ContentLength > limit {
		return io.ReadAll(io.LimitReader(r.Body, limit))
	}
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	return body[:n], err
}

// rest is what is left of a body, or the error with which reading it ended.
type rest struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (r *rest) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return r.Reader.Read(p)
}
