-- +goose Up
-- Files that reporters hand in, sealed.
CREATE TABLE "attachments" ("id" character varying NOT NULL, "report_id" character varying NOT NULL, "type" character varying NOT NULL, "size" bigint NOT NULL, "hash" character varying NOT NULL, "content" bytea NOT NULL, "sealed_with" character varying NOT NULL, "at" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "attachment_report_id_id" ON "attachments" ("report_id", "id");
CREATE INDEX "attachment_sealed_with" ON "attachments" ("sealed_with");
