-- +goose Up
-- Changes get their positions after the commit: number_changes numbers in place what it sees. What was logged keeps its position.
-- The cast rewrites the table once, where an UPDATE would leave every row twice.
ALTER TABLE "changes" RENAME COLUMN "position" TO "seq";
ALTER TABLE "changes" ADD COLUMN "position" bigint NULL;
ALTER TABLE "changes" ALTER COLUMN "position" TYPE bigint USING "seq";
DROP INDEX "change_item_id_position";
CREATE INDEX "change_item_id_position" ON "changes" ("item_id", "position");
CREATE UNIQUE INDEX "changes_position" ON "changes" ("position") WHERE "position" IS NOT NULL;
CREATE INDEX "changes_unnumbered" ON "changes" ("seq") WHERE "position" IS NULL;
CREATE TABLE "change_head" ("one" boolean PRIMARY KEY DEFAULT true CHECK ("one"), "last" bigint NOT NULL);
INSERT INTO "change_head" ("last") SELECT coalesce(max("position"), 0) FROM "changes";
ALTER TABLE "webhooks" ADD COLUMN "entry" character varying NOT NULL DEFAULT '';
-- +goose StatementBegin
-- number_changes gives the committed changes without a position the next ones, at most so many, and returns how many it numbered;
-- -1 where another session is at it. The lock is a statement of its own: the next one sees all that its last holder numbered.
CREATE FUNCTION number_changes(most integer) RETURNS integer LANGUAGE plpgsql VOLATILE SET jit = off AS $$
DECLARE
  head bigint;
  numbered integer;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM changes WHERE position IS NULL) THEN
    RETURN 0;
  END IF;
  SELECT last INTO head FROM change_head FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN -1;
  END IF;
  UPDATE changes AS c SET position = u.position
    FROM (SELECT seq, head + row_number() OVER (ORDER BY seq) AS position
            FROM (SELECT seq FROM changes WHERE position IS NULL ORDER BY seq LIMIT most) AS s) AS u
    WHERE c.seq = u.seq AND c.position IS NULL;
  GET DIAGNOSTICS numbered = ROW_COUNT;
  IF numbered > 0 THEN
    UPDATE change_head SET last = head + numbered;
  END IF;
  RETURN numbered;
END $$;
-- +goose StatementEnd
