-- +goose Up
-- What `tonggao follow` copied, and in which pass: where it starts over, it removes what the new copy does not have.
CREATE TABLE `followed` (`id` text NOT NULL PRIMARY KEY, `item_type` text NOT NULL, `pass` integer NOT NULL);
