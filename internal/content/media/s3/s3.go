// Package s3 stores the files of pictures in a bucket of an S3-compatible storage. It
// creates no bucket and no policy: the bucket is the operator's, and may be private, as the
// program reads it for its clients.
package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Options name the bucket and the key to it.
type Options struct {
	Endpoint  string // http or https address of the storage
	Bucket    string
	Region    string // may be empty
	AccessKey string
	SecretKey string
	Transport http.RoundTripper // nil: the library's
}

// Bucket is the storage in a bucket.
type Bucket struct {
	client *minio.Client
	name   string
}

// New returns the storage that o names. It does not connect yet.
func New(o Options) (*Bucket, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, fault.Wrap(err, fault.BadUserInput, "--media-s3-endpoint is not an address")
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure: u.Scheme == "https", Region: o.Region, Transport: o.Transport, MaxRetries: 2})
	if err != nil {
		return nil, fault.Wrap(err, fault.BadUserInput, "the settings of --media-s3-… do not fit: %v", err)
	}
	return &Bucket{client, o.Bucket}, nil
}

// Put stores data under the name.
func (b *Bucket) Put(ctx context.Context, name, contentType string, data []byte) error {
	_, err := b.client.PutObject(ctx, b.name, name, bytes.NewReader(data), int64(len(data)),
		minio.PutObjectOptions{ContentType: contentType})
	return unavailable(err)
}

// Open returns the file with that name, for the caller to read and close.
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, unavailable(err)
	}
	if _, err := object.Stat(); err != nil { // sends the first request
		_ = object.Close()
		if code := minio.ToErrorResponse(err).Code; code == "NoSuchKey" {
			return nil, fault.Wrap(err, fault.NotFound, "there is no such picture")
		}
		return nil, unavailable(err)
	}
	return object, nil
}

// Remove removes the files with these names; one that does not exist is no error.
func (b *Bucket) Remove(ctx context.Context, names []string) error {
	for _, name := range names {
		if err := b.client.RemoveObject(ctx, b.name, name, minio.RemoveObjectOptions{}); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// Check returns an error unless the bucket answers.
func (b *Bucket) Check(ctx context.Context) error {
	there, err := b.client.BucketExists(ctx, b.name)
	if err == nil && !there {
		return fault.New(fault.Unavailable, "there is no bucket %s, or the key may not see it; create it, or name another with --media-s3-bucket", b.name)
	}
	return unavailable(err)
}

// unavailable returns err as an error that lets the client try again; nil for nil.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(fmt.Errorf("the bucket of --media-s3-bucket: %w", err), fault.Unavailable, "pictures cannot be stored or read right now; the operator finds the cause in the log")
}
