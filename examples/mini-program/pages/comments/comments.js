const { ask, explain, complaints, clock } = require('../../api.js')

// 回复取两层，每层写明取几条：列表套列表，不写就按二十条计价，太贵。
const read = `query Comments($id: ID!, $first: Int, $after: Cursor) {
  article(id: $id) {
    title commentsOpen
    comments(first: $first, after: $after) {
      edges { node {
        ...Said
        replies(first: 10) {
          edges { node { ...Said replies(first: 3) { edges { node { ...Said } } pageInfo { hasNextPage } } } }
          pageInfo { hasNextPage }
        }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
fragment Said on Comment { id author text createdAt ipRegion }`

const add = `mutation Add($input: AddCommentInput!) {
  addComment(input: $input) { comment { id status } userErrors { code field } }
}`

// flat 把一串评论排成一列，depth 是缩进几层。
function flat({ node }, depth) {
  const one = { id: node.id, author: node.author || '匿名读者', text: node.text, time: clock(node.createdAt), region: node.ipRegion, depth }
  if (!node.replies) return [one]
  one.more = node.replies.pageInfo.hasNextPage
  return node.replies.edges.reduce((all, edge) => all.concat(flat(edge, depth + 1)), [one])
}

Page({
  data: {
    title: '', open: false, comments: [], loading: false, ended: false, empty: false, error: '',
    text: '', name: '', answered: null, wrong: {}, sending: false, sent: ''
  },

  onLoad({ id }) {
    this.id = id
    return this.more()
  },

  more() {
    if (this.data.loading || this.data.ended) return Promise.resolve()
    this.setData({ loading: true, error: '' })
    return ask(read, { id: this.id, first: 10, after: this.cursor }).then(({ article }) => {
      if (!article) throw Object.assign(new Error(), { code: 'NOT_FOUND' })
      const { edges, pageInfo } = article.comments
      const from = this.data.comments.length
      const added = edges.reduce((all, edge) => all.concat(flat(edge, 0)), [])
      const change = { title: article.title, open: article.commentsOpen, loading: false, ended: !pageInfo.hasNextPage }
      added.forEach((one, i) => { change['comments[' + (from + i) + ']'] = one })
      change.empty = from + added.length === 0
      this.cursor = pageInfo.endCursor
      this.setData(change)
    }).catch((error) => this.setData({ loading: false, error: explain(error) }))
  },

  writeText(event) { this.setData({ text: event.detail.value }) },
  writeName(event) { this.setData({ name: event.detail.value }) },
  answer(event) { this.setData({ answered: event.currentTarget.dataset }) },
  forget() { this.setData({ answered: null }) },

  send() {
    const { text, name, answered, sending } = this.data
    if (sending) return Promise.resolve()
    const input = { article: this.id, text }
    if (name) input.authorName = name
    if (answered) input.parent = answered.id
    this.setData({ sending: true, sent: '', wrong: {} })
    return ask(add, { input }).then(({ addComment }) => {
      if (addComment.userErrors.length) {
        this.setData({ sending: false, wrong: complaints(addComment.userErrors) })
        return
      }
      const waits = addComment.comment.status === 'PENDING'
      this.setData({ sending: false, text: '', answered: null, sent: waits ? '已收到，审核通过后显示。' : '已发表。' })
    }).catch((error) => this.setData({ sending: false, wrong: { text: explain(error) } }))
  },

  onReachBottom() { return this.more() }
})
