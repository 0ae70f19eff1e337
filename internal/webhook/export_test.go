package webhook

// Wait is the schedule, for tests.
var Wait = wait
