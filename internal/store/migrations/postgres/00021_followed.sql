-- +goose Up
-- What `tonggao follow` copied, and in which pass: where it starts over, it removes what the new copy does not have.
CREATE TABLE "followed" ("id" character varying PRIMARY KEY, "item_type" character varying NOT NULL, "pass" bigint NOT NULL);
