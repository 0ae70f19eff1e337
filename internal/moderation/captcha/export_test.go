package captcha

// Decode exports decode to the fuzz test.
var Decode = decode
