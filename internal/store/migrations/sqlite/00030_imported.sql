-- +goose Up
-- What `tonggao import` brought from another system: the key of a record there, the item that it became here, and hashes of
-- what was read there and of what was written here. Where the item differs from what was written, it was edited here.
CREATE TABLE `imported` (`source` text NOT NULL PRIMARY KEY, `item` text NOT NULL, `read_hash` text NOT NULL, `written_hash` text NOT NULL, `facts` text NOT NULL);
CREATE INDEX `imported_item` ON `imported` (`item`);
-- The addresses that items had on the sites they came from.
CREATE TABLE `addresses` (`path` text NOT NULL PRIMARY KEY, `item` text NOT NULL);
CREATE INDEX `addresses_item` ON `addresses` (`item`);
