-- +goose Up
-- The first report of a group, and the snapshot of a state, are found among any number of reports about one thing.
CREATE INDEX "report_target_leader_id" ON "reports" ("target", "leader_id");
CREATE INDEX "report_target_snapshot_hash" ON "reports" ("target", "snapshot_hash") WHERE length(snapshot) > 0;
