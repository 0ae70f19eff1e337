-- +goose Up
-- Entries of the audit log are chained after the commit, by chain_audits. The chain is as it was, and its head has a table of its own.
ALTER TABLE "audits" RENAME COLUMN "position" TO "seq";
ALTER TABLE "audits" ADD COLUMN "position" bigint NULL, ALTER COLUMN "hash" SET DEFAULT '';
UPDATE "audits" SET "position" = "seq";
SELECT setval(pg_get_serial_sequence('audits', 'seq'), (SELECT coalesce(max("seq"), 0) + 1 FROM "audits"), false);
CREATE UNIQUE INDEX "audits_position" ON "audits" ("position") WHERE "position" IS NOT NULL;
CREATE INDEX "audits_unchained" ON "audits" ("seq") WHERE "position" IS NULL;
ALTER INDEX "audit_item_position" RENAME TO "audit_item_seq";
CREATE TABLE "audit_head" ("one" boolean PRIMARY KEY DEFAULT true CHECK ("one"), "lines" bigint NOT NULL, "hash" character varying NOT NULL);
INSERT INTO "audit_head" ("lines", "hash") SELECT (coalesce(max("value"), '{"lines":0}')::jsonb ->> 'lines')::bigint,
  coalesce(coalesce(max("value"), '{}')::jsonb ->> 'hash', '') FROM "settings" WHERE "name" = 'audit_head';
DELETE FROM "settings" WHERE "name" = 'audit_head';
-- +goose StatementBegin
-- chain_audits chains the committed entries without a hash, at most so many, as audit.chain does, and returns how many; -1 where
-- another session is at it.
CREATE FUNCTION chain_audits(most integer) RETURNS integer LANGUAGE plpgsql VOLATILE SET jit = off AS $$
DECLARE
  head record;
  entry record;
  part text;
  message bytea;
  chained integer := 0;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audits WHERE position IS NULL) THEN
    RETURN 0;
  END IF;
  SELECT lines, hash INTO head FROM audit_head FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN -1;
  END IF;
  FOR entry IN SELECT * FROM audits WHERE position IS NULL ORDER BY seq LIMIT most LOOP
    head.lines := head.lines + 1;
    message := '';
    FOREACH part IN ARRAY ARRAY[head.hash, head.lines::text, entry.at::text, entry.role, entry.actor, entry.action, entry.item, entry.detail] LOOP
      message := message || convert_to(octet_length(convert_to(part, 'UTF8')) || ':' || part, 'UTF8');
    END LOOP;
    head.hash := encode(sha256(message), 'hex');
    UPDATE audits SET position = head.lines, hash = head.hash WHERE seq = entry.seq;
    chained := chained + 1;
  END LOOP;
  IF chained > 0 THEN
    UPDATE audit_head SET lines = head.lines, hash = head.hash;
  END IF;
  RETURN chained;
END $$;
-- +goose StatementEnd
