// 通稿的小程序客户端。没有依赖，微信（wx）、uni-app（uni）、Taro、支付宝（my）都能用：
//
//   const api = createClient({ url: 'https://api.example.com/graphql', platform: wx })
//   const { article } = await api('query($id: ID!) { article(id: $id) { title } }', { id })
//   const call = api(query); call.abort()
//
// 出错时抛出的 error.code 是服务器给的代码（LIMITED、NOT_FOUND 等），或者：
// NETWORK 网络不通，TIMEOUT 超时，ABORTED 已取消，BAD_ANSWER 收到的不是接口的应答。
// error.status 是 HTTP 状态码，error.retryAfter 是 LIMITED 时要等的秒数，
// error.data 是出错时已经取到的部分。

function failure(code, message, more) {
  return Object.assign(new Error(message || code), { code, retryAfter: 0 }, more)
}

// 平台的应答：微信系用 statusCode，支付宝用 status。
// HTTP 出错时微信走 success、支付宝走 fail，所以只看应答本身。
function read(res) {
  const status = res.statusCode || res.status
  let body = res.data
  if (typeof body === 'string') {
    try { body = JSON.parse(body) } catch (e) { body = null }
  }
  if (body && body.errors && body.errors.length) {
    const { message, extensions = {} } = body.errors[0]
    const { code = 'INTERNAL', retryAfter = 0 } = extensions
    throw failure(code, message, { status, retryAfter, data: body.data, errors: body.errors })
  }
  if (!body || !body.data) throw failure('BAD_ANSWER', 'HTTP ' + status, { status })
  return body.data
}

// 没有应答：各平台的说法不同，这里统一。
function unanswered(res) {
  const { error, errMsg, errorMessage, message } = res || {}
  const said = errMsg || errorMessage || message || ''
  if (error === 13 || /time ?out/i.test(said)) return failure('TIMEOUT', said)
  if (error === 14) return failure('BAD_ANSWER', said)
  return failure(/abort/i.test(said) ? 'ABORTED' : 'NETWORK', said)
}

function createClient({ url, platform, headers, token = () => '', timeout = 15000, concurrency = 8 }) {
  const waiting = [] // 平台最多同时十个请求（包括上传下载），多的在这里排队
  let running = 0
  const next = () => {
    while (running < concurrency && waiting.length) waiting.shift()()
  }

  return (query, variables) => {
    let abort
    const call = new Promise((resolve, reject) => {
      let task, timer
      let state = 'waiting'
      const finish = (settle, value) => {
        if (state === 'done') return
        clearTimeout(timer)
        if (state === 'running') running--
        else waiting.splice(waiting.indexOf(send), 1)
        state = 'done'
        settle(value)
        next()
      }
      const answer = (res) => {
        try { finish(resolve, read(res)) } catch (error) { finish(reject, error) }
      }
      const stop = (code) => {
        if (state === 'done') return
        finish(reject, failure(code))
        if (task && task.abort) task.abort()
      }
      const send = () => {
        state = 'running'
        running++
        timer = setTimeout(stop, timeout, 'TIMEOUT')
        const header = Object.assign({ 'content-type': 'application/json' }, headers)
        const secret = token()
        if (secret) header.authorization = 'Bearer ' + secret
        try {
          task = platform.request({
            url, method: 'POST', timeout, dataType: 'json',
            header, headers: header, // 支付宝认 headers，其余认 header
            data: JSON.stringify({ query, variables }),
            success: answer,
            fail: (res) => (res && res.data ? answer(res) : finish(reject, unanswered(res)))
          })
        } catch (error) {
          finish(reject, unanswered(error))
        }
        // Taro 还会返回一个 Promise，结果已由回调处理。
        if (task && task.catch) task.catch(() => {})
      }
      abort = () => stop('ABORTED')
      waiting.push(send)
      next()
    })
    call.abort = abort
    return call
  }
}

module.exports = { createClient }
