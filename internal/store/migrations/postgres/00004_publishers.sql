-- +goose Up
-- The list of all publishers, newest first.
CREATE INDEX "publisher_created_at_id" ON "publishers" ("created_at", "id");
