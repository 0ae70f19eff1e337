-- +goose Up
-- At most one takedown of an item is in force: the first one stays, those that began beside it end.
UPDATE "measures" SET "lifted_at" = "taken_at", "lifted_by" = 'tonggao', "lift_reason" = 'taken down already' WHERE "lifted_at" IS NULL
  AND EXISTS (SELECT FROM "measures" AS "first" WHERE "first"."item" = "measures"."item" AND "first"."lifted_at" IS NULL AND "first"."id" < "measures"."id");
CREATE UNIQUE INDEX "measure_item" ON "measures" ("item") WHERE (lifted_at IS NULL);
