// 上线时改成 https 地址，并在小程序后台把它登记为 request 合法域名。
module.exports = {
  origin: 'http://127.0.0.1:8080',
  pageSize: 15
}
