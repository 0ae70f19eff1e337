package disk

// Unavailable is how failures of the disk are reported.
var Unavailable = unavailable
