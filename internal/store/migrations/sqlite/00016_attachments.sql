-- +goose Up
-- Files that reporters hand in, sealed.
CREATE TABLE `attachments` (`id` text NOT NULL, `report_id` text NOT NULL, `type` text NOT NULL, `size` integer NOT NULL, `hash` text NOT NULL, `content` blob NOT NULL, `sealed_with` text NOT NULL, `at` integer NOT NULL, PRIMARY KEY (`id`));
CREATE INDEX `attachment_report_id_id` ON `attachments` (`report_id`, `id`);
CREATE INDEX `attachment_sealed_with` ON `attachments` (`sealed_with`);
