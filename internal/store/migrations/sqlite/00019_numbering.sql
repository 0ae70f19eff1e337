-- +goose Up
-- Changes have a position beside their row number, as on PostgreSQL, where the two differ. What was logged keeps its position.
ALTER TABLE `changes` RENAME COLUMN `position` TO `seq`;
ALTER TABLE `changes` ADD COLUMN `position` integer NULL;
UPDATE `changes` SET `position` = `seq`;
DROP INDEX `change_item_id_position`;
CREATE INDEX `change_item_id_position` ON `changes` (`item_id`, `position`);
CREATE UNIQUE INDEX `changes_position` ON `changes` (`position`);
CREATE TABLE `change_head` (`one` bool NOT NULL PRIMARY KEY DEFAULT (true) CHECK (`one`), `last` integer NOT NULL);
INSERT INTO `change_head` (`last`) SELECT coalesce(max(`position`), 0) FROM `changes`;
ALTER TABLE `webhooks` ADD COLUMN `entry` text NOT NULL DEFAULT ('');
