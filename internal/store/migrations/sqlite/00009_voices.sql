-- +goose Up
-- Comments that quote, are edited and withdrawn; what checkers found; decisions in bulk;
-- writes that happen once.
ALTER TABLE `comments` ADD COLUMN `quote_id` text NULL;
ALTER TABLE `comments` ADD COLUMN `found` text NOT NULL DEFAULT ('');
ALTER TABLE `comments` ADD COLUMN `edited_at` integer NULL;
CREATE INDEX `comment_token_id_created_at` ON `comments` (`token_id`, `created_at`);
ALTER TABLE `tokens` ADD COLUMN `trust` text NOT NULL DEFAULT ('EARNED');
CREATE TABLE `batches` (`id` text NOT NULL, `by` text NOT NULL, `steps` text NOT NULL, `at` integer NOT NULL, `undone_at` integer NULL, PRIMARY KEY (`id`));
CREATE TABLE `claims` (`id` text NOT NULL, `input` text NOT NULL, `wrote` text NOT NULL, `at` integer NOT NULL, PRIMARY KEY (`id`));
CREATE INDEX `claim_at` ON `claims` (`at`);
