-- +goose Up
-- Comments that quote, are edited and withdrawn; what checkers found; decisions in bulk;
-- writes that happen once.
ALTER TABLE "comments" ADD COLUMN "quote_id" character varying NULL, ADD COLUMN "found" character varying NOT NULL DEFAULT '', ADD COLUMN "edited_at" bigint NULL;
CREATE INDEX "comment_token_id_created_at" ON "comments" ("token_id", "created_at");
ALTER TABLE "tokens" ADD COLUMN "trust" character varying NOT NULL DEFAULT 'EARNED';
CREATE TABLE "batches" ("id" character varying NOT NULL, "by" character varying NOT NULL, "steps" text NOT NULL, "at" bigint NOT NULL, "undone_at" bigint NULL, PRIMARY KEY ("id"));
CREATE TABLE "claims" ("id" character varying NOT NULL, "input" character varying NOT NULL, "wrote" character varying NOT NULL, "at" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "claim_at" ON "claims" ("at");
