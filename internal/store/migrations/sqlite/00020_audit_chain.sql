-- +goose Up
-- Entries of the audit log have a position beside their row number, as on PostgreSQL. The chain is as it was, and its head has a
-- table of its own.
CREATE TABLE `new_audits` (`seq` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `position` integer NULL, `at` integer NOT NULL, `role` text NOT NULL, `actor` text NOT NULL DEFAULT (''), `action` text NOT NULL, `item` text NOT NULL DEFAULT (''), `detail` text NOT NULL DEFAULT (''), `hash` text NOT NULL DEFAULT (''));
INSERT INTO `new_audits` (`seq`, `position`, `at`, `role`, `actor`, `action`, `item`, `detail`, `hash`) SELECT `position`, `position`, `at`, `role`, `actor`, `action`, `item`, `detail`, `hash` FROM `audits`;
DROP TABLE `audits`;
ALTER TABLE `new_audits` RENAME TO `audits`;
CREATE INDEX `audit_item_seq` ON `audits` (`item`, `seq`);
CREATE UNIQUE INDEX `audits_position` ON `audits` (`position`);
CREATE TABLE `audit_head` (`one` bool NOT NULL PRIMARY KEY DEFAULT (true) CHECK (`one`), `lines` integer NOT NULL, `hash` text NOT NULL);
INSERT INTO `audit_head` (`lines`, `hash`) SELECT coalesce(max(json_extract(`value`, '$.lines')), 0), coalesce(max(json_extract(`value`, '$.hash')), '') FROM `settings` WHERE `name` = 'audit_head';
DELETE FROM `settings` WHERE `name` = 'audit_head';
