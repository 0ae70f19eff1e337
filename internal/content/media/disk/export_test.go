package disk

// Trouble is what a failure of the disk is told as.
var Trouble = trouble
