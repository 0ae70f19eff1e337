-- +goose Up
-- The alarms of the deadlines of reports, and what an operator's program is told of.
ALTER TABLE "reports" ADD COLUMN "alarm" character varying NOT NULL DEFAULT 'NONE';
ALTER TABLE "reports" ADD COLUMN "alarm_at" bigint NULL;
UPDATE "reports" SET "alarm_at" = "due_at" - 86400000000 WHERE "status" IN ('FILED', 'ACCEPTED', 'COUNTERED');
CREATE INDEX "report_alarm_at" ON "reports" ("alarm_at");
CREATE INDEX "report_alarm_due_at_id" ON "reports" ("alarm", "due_at", "id");
CREATE TABLE "notices" ("id" character varying NOT NULL, "type" character varying NOT NULL, "data" text NOT NULL, "at" bigint NOT NULL, "tries" bigint NOT NULL DEFAULT 0, "due_at" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "notice_due_at_id" ON "notices" ("due_at", "id");
