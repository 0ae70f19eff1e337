-- +goose Up
-- Articles that were deleted here: what an import must not bring back unasked.
CREATE TABLE `graves` (`id` text NOT NULL, `import_key` text NULL, `at` integer NOT NULL, PRIMARY KEY (`id`));
CREATE INDEX `grave_import_key` ON `graves` (`import_key`);
