-- +goose Up
-- When what tells of the reporter of a closed case was erased.
ALTER TABLE "reports" ADD COLUMN "erased_at" bigint NULL;
CREATE INDEX "report_erased_at_decided_at" ON "reports" ("erased_at", "decided_at");
