-- +goose Up
-- Cases: the history of reports, measures, the audit; evidence takes the contact in.
CREATE TABLE `new_reports` (`id` text NOT NULL, `kind` text NOT NULL, `status` text NOT NULL DEFAULT ('FILED'), `target` text NOT NULL, `statement` text NOT NULL, `receipt` text NOT NULL, `reason` text NOT NULL DEFAULT (''), `filed_at` integer NOT NULL, `due_at` integer NOT NULL, `decided_at` integer NULL, `wakes_at` integer NULL, `days_left` integer NOT NULL DEFAULT (0), `version` integer NOT NULL DEFAULT (1), `missing` json NOT NULL, `evidence` text NOT NULL DEFAULT (''), `notifier` text NOT NULL DEFAULT (''), `leader_id` text NOT NULL DEFAULT (''), `snapshot` text NOT NULL DEFAULT (''), `snapshot_hash` text NOT NULL DEFAULT (''), `origin_address` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
INSERT INTO `new_reports` (`id`, `kind`, `status`, `target`, `statement`, `receipt`, `reason`, `filed_at`, `due_at`, `decided_at`, `origin_address`, `missing`, `evidence`) SELECT `id`, `kind`, `status`, `target`, `statement`, `receipt`, `reason`, `filed_at`, `due_at`, `decided_at`, `origin_address`, '[]', CASE `contact` WHEN '' THEN '' ELSE json_object('contact', `contact`) END FROM `reports`;
DROP TABLE `reports`;
ALTER TABLE `new_reports` RENAME TO `reports`;
CREATE UNIQUE INDEX `report_receipt` ON `reports` (`receipt`);
CREATE INDEX `report_status_due_at_id` ON `reports` (`status`, `due_at`, `id`);
CREATE INDEX `report_due_at_id_status` ON `reports` (`due_at`, `id`, `status`);
CREATE INDEX `report_target_due_at_id` ON `reports` (`target`, `due_at`, `id`);
CREATE INDEX `report_leader_id_id` ON `reports` (`leader_id`, `id`);
CREATE INDEX `report_wakes_at` ON `reports` (`wakes_at`);
CREATE INDEX `report_filed_at_kind` ON `reports` (`filed_at`, `kind`);
CREATE INDEX `report_notifier` ON `reports` (`notifier`);
CREATE TABLE `audits` (`position` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `at` integer NOT NULL, `role` text NOT NULL, `actor` text NOT NULL DEFAULT (''), `action` text NOT NULL, `item` text NOT NULL DEFAULT (''), `detail` text NOT NULL DEFAULT (''), `hash` text NOT NULL);
CREATE INDEX `audit_item_position` ON `audits` (`item`, `position`);
CREATE TABLE `case_events` (`id` text NOT NULL, `report_id` text NOT NULL, `event` text NOT NULL, `by` text NOT NULL, `actor` text NOT NULL DEFAULT (''), `from` text NOT NULL DEFAULT (''), `to` text NOT NULL, `reason` text NOT NULL DEFAULT (''), `material` text NOT NULL DEFAULT (''), `due_at` integer NOT NULL, `at` integer NOT NULL, PRIMARY KEY (`id`));
CREATE INDEX `caseevent_report_id_id` ON `case_events` (`report_id`, `id`);
CREATE TABLE `measures` (`id` text NOT NULL, `item` text NOT NULL, `report_id` text NOT NULL DEFAULT (''), `before` text NOT NULL, `reason` text NOT NULL, `taken_by` text NOT NULL, `taken_at` integer NOT NULL, `lift_reason` text NOT NULL DEFAULT (''), `lifted_by` text NOT NULL DEFAULT (''), `lifted_at` integer NULL, PRIMARY KEY (`id`));
CREATE INDEX `measure_item_id` ON `measures` (`item`, `id`);
CREATE INDEX `measure_report_id` ON `measures` (`report_id`);
CREATE INDEX `measure_lifted_at_id` ON `measures` (`lifted_at`, `id`);
