-- +goose Up
-- The change log with the places that filters ask about, before the payload, which is long. What older versions logged has
-- no places: the program logs everything there is anew when it starts next. Articles know when time alone shows or hides them.
DROP TABLE `changes`;
CREATE TABLE `changes` (`position` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `item_type` text NOT NULL, `item_id` text NOT NULL, `version` integer NOT NULL, `reason` text NOT NULL DEFAULT (''), `purge` bool NOT NULL DEFAULT (false), `at` integer NOT NULL, `owner_id` text NOT NULL DEFAULT (''), `place` text NOT NULL DEFAULT (''), `was` text NOT NULL DEFAULT (''), `beneath` text NOT NULL DEFAULT (''), `payload` text NOT NULL DEFAULT (''));
CREATE INDEX `change_item_id_position` ON `changes` (`item_id`, `position`);
ALTER TABLE `articles` ADD COLUMN `expires_at` integer NULL;
ALTER TABLE `articles` ADD COLUMN `next_at` integer NULL;
CREATE INDEX `article_next_at_id` ON `articles` (`next_at`, `id`);
UPDATE `articles` SET `next_at` = `listed_at` WHERE `status` = 'PUBLISHED' AND `listed_at` > CAST(strftime('%s', 'now') AS integer) * 1000000;
