-- +goose Up
-- The full-text index of internal/search. Its rowid is articles.search_slot, so
-- that descending rowids are the articles newest first. The terms are bigrams
-- (internal/bigram); the text itself is not kept a second time.
CREATE VIRTUAL TABLE search USING fts5(terms, content='', contentless_delete=1, detail=full, tokenize="unicode61 remove_diacritics 0");
