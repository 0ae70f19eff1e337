const { createClient } = require('./client.js')
const { origin } = require('./config.js')

// ask(query, variables) 向接口提问，应答是 data。
const ask = createClient({ url: origin + '/graphql', platform: wx })

// complete 把站内路径补成完整地址：小程序的图片不认相对路径。
function complete(address) {
  return address && address[0] === '/' ? origin + address : address
}

const sayings = {
  NETWORK: '网络不通，请检查后重试。',
  TIMEOUT: '网络太慢，请重试。',
  NOT_FOUND: '内容不存在，或者已经撤下。',
  BAD_USER_INPUT: '这样不行，请换个写法。',
  UNAVAILABLE: '服务器忙，请稍后重试。'
}

// explain 用一句话告诉读者出了什么错、该怎么办。
function explain(error) {
  if (error.code === 'LIMITED') return '操作太频繁，请 ' + (error.retryAfter || 1) + ' 秒后再试。'
  return sayings[error.code] || '出错了，请重试。'
}

const faults = {
  REQUIRED: '请填写。',
  TOO_LONG: '写得太长了。',
  INVALID: '这样写不行，请检查。',
  NOT_ALLOWED: '现在不能提交。',
  UNKNOWN: '对象已经不在了。'
}

// complaints 把 userErrors 变成 { 字段: 一句话 }，显示在相应的输入框下面。
function complaints(userErrors) {
  const said = {}
  userErrors.forEach(({ code, field }) => {
    said[field[field.length - 1]] = faults[code] || faults.INVALID
  })
  return said
}

// clock 把接口的时间（东八区）写成“2026-11-23 09:30”。
function clock(time) {
  return time ? time.slice(0, 16).replace('T', ' ') : ''
}

module.exports = { ask, complete, explain, complaints, clock }
