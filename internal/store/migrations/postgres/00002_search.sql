-- +goose Up
-- The full-text index of internal/search. Slot is articles.search_slot, so that
-- descending slots are the articles newest first. Terms holds the bigrams
-- (internal/bigram) without positions; for phrases, the document, which is the
-- same bigrams in a row, decides.
CREATE TABLE search (
  slot bigint PRIMARY KEY,
  terms tsvector NOT NULL,
  document text NOT NULL
);
CREATE INDEX search_terms ON search USING gin (terms);
