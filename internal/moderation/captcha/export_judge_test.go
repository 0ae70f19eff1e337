package captcha

// Judge is judge, for the fuzz test.
var Judge = judge
