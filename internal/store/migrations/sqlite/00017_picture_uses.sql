-- +goose Up
-- Which pictures an article shows, so that they go off the net with it.
CREATE TABLE `picture_uses` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `hash` text NOT NULL, `down` bool NOT NULL DEFAULT (false), `article_id` text NOT NULL, CONSTRAINT `picture_uses_articles_picture_uses` FOREIGN KEY (`article_id`) REFERENCES `articles` (`id`) ON DELETE CASCADE);
INSERT INTO `picture_uses` (`hash`, `article_id`, `down`)
WITH RECURSIVE `found` (`article_id`, `rest`) AS (
  SELECT `article_id`, substr(`document`, instr(`document`, '/media/') + 7) FROM `bodies` WHERE instr(`document`, '/media/') > 0
  UNION ALL
  SELECT `id`, substr(`cover`, instr(`cover`, '/media/') + 7) FROM `articles` WHERE instr(`cover`, '/media/') > 0
  UNION ALL
  SELECT `article_id`, substr(`rest`, instr(`rest`, '/media/') + 7) FROM `found` WHERE instr(`rest`, '/media/') > 0
)
SELECT DISTINCT substr(`rest`, 1, 40), `article_id`, `articles`.`status` = 'TAKEN_DOWN' FROM `found` JOIN `articles` ON `articles`.`id` = `article_id`
WHERE substr(`rest`, 41, 1) = '/' AND substr(`rest`, 1, 40) NOT GLOB '*[^0-9a-f]*';
CREATE INDEX `pictureuse_hash_down` ON `picture_uses` (`hash`, `down`);
CREATE UNIQUE INDEX `pictureuse_article_id_hash` ON `picture_uses` (`article_id`, `hash`);
