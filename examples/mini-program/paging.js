const { complete, clock, explain } = require('./api.js')
const { pageSize } = require('./config.js')

// 列表要的字段。正文不在其中，列表才小。
const listed = `
  edges { node {
    id title lead cover labelTexts publishedAt commentCount
    category { name }
  } }
  pageInfo { hasNextPage endCursor }`

function card({ node }) {
  return {
    id: node.id,
    title: node.title,
    lead: node.lead,
    cover: complete(node.cover),
    category: node.category.name,
    time: clock(node.publishedAt),
    comments: node.commentCount,
    labels: node.labelTexts
  }
}

// more 取下一页，接在页面的 articles 后面。只传新的几条：setData 的量不随列表变长。
// question(cursor) 返回一个提问，其应答的 list 是文章列表。
function more(page, question) {
  if (page.data.loading || page.data.ended) return Promise.resolve()
  page.setData({ loading: true, error: '' })
  const round = page.round
  return question(page.cursor).then(({ list }) => {
    if (round !== page.round) return // 读者已经换了条件
    const change = { loading: false, ended: !list.pageInfo.hasNextPage }
    const from = page.data.articles.length
    list.edges.forEach((edge, i) => { change['articles[' + (from + i) + ']'] = card(edge) })
    change.empty = from + list.edges.length === 0
    page.cursor = list.pageInfo.endCursor
    page.setData(change)
  }, (error) => {
    if (round !== page.round) return
    page.setData({ loading: false, error: explain(error) })
  })
}

// restart 清空列表，下一次 more 从头取。
function restart(page) {
  page.cursor = null
  page.round = (page.round || 0) + 1
  page.setData({ articles: [], loading: false, ended: false, empty: false, error: '' })
}

module.exports = { listed, more, restart, pageSize }
