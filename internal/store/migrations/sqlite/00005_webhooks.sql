-- +goose Up
-- Webhooks, how far each was told, and the log of attempts.
CREATE TABLE `webhooks` (`id` text NOT NULL, `name` text NOT NULL DEFAULT (''), `url` text NOT NULL, `token_id` text NOT NULL, `filter` text NOT NULL DEFAULT (''), `state` text NOT NULL DEFAULT ('ACTIVE'), `notice` text NOT NULL DEFAULT (''), `secret` text NOT NULL, `previous_secret` text NOT NULL DEFAULT (''), `previous_until` integer NULL, `position` integer NOT NULL, `base` integer NOT NULL DEFAULT (0), `step` text NOT NULL DEFAULT (''), `replay_position` integer NOT NULL DEFAULT (0), `replay_step` text NOT NULL DEFAULT (''), `replay_until` integer NOT NULL DEFAULT (0), `failures` integer NOT NULL DEFAULT (0), `due_at` integer NOT NULL, `lease` text NOT NULL DEFAULT (''), `lease_until` integer NOT NULL, `created_at` integer NOT NULL, `updated_at` integer NOT NULL, PRIMARY KEY (`id`));
CREATE INDEX `webhook_created_at_id` ON `webhooks` (`created_at`, `id`);
CREATE INDEX `webhook_token_id_created_at_id` ON `webhooks` (`token_id`, `created_at`, `id`);
CREATE INDEX `webhook_state_due_at` ON `webhooks` (`state`, `due_at`);
CREATE TABLE `webhook_attempts` (`id` text NOT NULL, `event` text NOT NULL, `type` text NOT NULL, `number` integer NOT NULL, `at` integer NOT NULL, `milliseconds` integer NOT NULL, `outcome` text NOT NULL, `status` integer NULL, `error` text NOT NULL DEFAULT (''), `answer` text NOT NULL DEFAULT (''), `webhook_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `webhook_attempts_webhooks_attempts` FOREIGN KEY (`webhook_id`) REFERENCES `webhooks` (`id`) ON DELETE CASCADE);
CREATE INDEX `webhookattempt_webhook_id_at_id` ON `webhook_attempts` (`webhook_id`, `at`, `id`);
CREATE INDEX `webhookattempt_webhook_id_outcome_at_id` ON `webhook_attempts` (`webhook_id`, `outcome`, `at`, `id`);
CREATE INDEX `webhookattempt_at` ON `webhook_attempts` (`at`);
