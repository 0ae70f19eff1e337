-- +goose Up
-- The regions that articles and comments were written from, which everybody sees.
ALTER TABLE "articles" ADD COLUMN "ip_region" character varying NOT NULL DEFAULT '';
ALTER TABLE "comments" ADD COLUMN "ip_region" character varying NOT NULL DEFAULT '';
