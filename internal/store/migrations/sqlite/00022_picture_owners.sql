-- +goose Up
-- A picture has a row for each publisher that uploaded it; its files are stored once.
DROP INDEX `picture_hash`;
CREATE UNIQUE INDEX `picture_hash_publisher_id` ON `pictures` (`hash`, `publisher_id`);
