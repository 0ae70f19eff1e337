-- +goose Up
-- Pictures that were uploaded.
CREATE TABLE "pictures" ("id" character varying NOT NULL, "hash" character varying NOT NULL, "alt" character varying NOT NULL DEFAULT '', "animated" boolean NOT NULL DEFAULT false, "files" jsonb NOT NULL, "publisher_id" character varying NOT NULL DEFAULT '', "uploaded_by" character varying NOT NULL DEFAULT '', "created_at" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "picture_hash" ON "pictures" ("hash");
CREATE INDEX "picture_created_at_id" ON "pictures" ("created_at", "id");
CREATE INDEX "picture_publisher_id_created_at_id" ON "pictures" ("publisher_id", "created_at", "id");
