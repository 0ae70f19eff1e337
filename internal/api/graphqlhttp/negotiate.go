package graphqlhttp

import (
	"mime"
	"strconv"
	"strings"
)

// The media types of a response. With the older one every well-formed request gets status
// 200; with the newer one the status says whether it was executed.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// preference is how much a client prefers a media type: by q, then by how specifically it
// was named, then by its position in the Accept header.
type preference struct {
	q           float64
	specificity int // exact for type/subtype, 2 for type/*, 1 for */*
	position    int // negative: earlier is larger
}

const exact = 3

// negotiate returns the media type of the response; ok is false if the client accepts
// neither. Without an Accept header, and for wildcards, it is JSON.
func negotiate(accept []string) (media string, ok bool) {
	ranges := strings.Split(strings.Join(accept, ","), ",")
	if strings.TrimSpace(strings.Join(ranges, "")) == "" {
		return mediaJSON, true
	}
	older, newer := preferenceFor(mediaJSON, ranges), preferenceFor(mediaGraphQL, ranges)
	switch {
	case older.q == 0 && newer.q == 0:
		return mediaJSON, false
	case newer.exceeds(older):
		return mediaGraphQL, true
	}
	return mediaJSON, true
}

// preferenceFor returns the preference for media in the ranges of an Accept header: that of
// the most specific range that matches.
func preferenceFor(media string, ranges []string) (best preference) {
	for position, r := range ranges {
		name, params, err := mime.ParseMediaType(r)
		if err != nil {
			continue
		}
		p := preference{q: quality(params["q"]), position: -position}
		switch name {
		case media:
			p.specificity = exact
		case "application/*":
			p.specificity = 2
		case "*/*":
			p.specificity = 1
		}
		if p.specificity > best.specificity {
			best = p
		}
	}
	return best
}

func (p preference) exceeds(o preference) bool {
	switch {
	case p.q != o.q:
		return p.q > o.q
	case p.specificity != o.specificity:
		return p.specificity > o.specificity
	}
	return p.position > o.position
}

func quality(q string) float64 {
	if q == "" {
		return 1
	}
	n, err := strconv.ParseFloat(q, 64)
	if err != nil || !(n >= 0 && n <= 1) {
		return 0
	}
	return n
}
