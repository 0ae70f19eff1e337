-- +goose Up
-- Pictures that were uploaded.
CREATE TABLE `pictures` (`id` text NOT NULL, `hash` text NOT NULL, `alt` text NOT NULL DEFAULT (''), `animated` bool NOT NULL DEFAULT (false), `files` json NOT NULL, `publisher_id` text NOT NULL DEFAULT (''), `uploaded_by` text NOT NULL DEFAULT (''), `created_at` integer NOT NULL, PRIMARY KEY (`id`));
CREATE UNIQUE INDEX `picture_hash` ON `pictures` (`hash`);
CREATE INDEX `picture_created_at_id` ON `pictures` (`created_at`, `id`);
CREATE INDEX `picture_publisher_id_created_at_id` ON `pictures` (`publisher_id`, `created_at`, `id`);
