const { ask, explain, complaints, clock } = require('../../api.js')

// 回复取两层，够读了。
const read = `query Comments($id: ID!, $first: Int, $after: Cursor) {
  article(id: $id) {
    title commentsOpen
    comments(first: $first, after: $after) {
      edges { node { ...Said replies { edges { node { ...Said replies { edges { node { ...Said } } } } } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
fragment Said on Comment { id author text createdAt }`

const add = `mutation Add($input: AddCommentInput!) {
  addComment(input: $input) { comment { id status } userErrors { code field } }
}`

function thread({ node }) {
  return {
    id: node.id,
    author: node.author || '匿名读者',
    text: node.text,
    time: clock(node.createdAt),
    replies: node.replies ? node.replies.edges.map(thread) : []
  }
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
      const change = { title: article.title, open: article.commentsOpen, loading: false, ended: !pageInfo.hasNextPage }
      edges.forEach((edge, i) => { change['comments[' + (from + i) + ']'] = thread(edge) })
      change.empty = from + edges.length === 0
      this.cursor = pageInfo.endCursor
      this.setData(change)
    }).catch((error) => this.setData({ loading: false, error: explain(error) }))
  },

  writeText(event) { this.setData({ text: event.detail.value }) },
  writeName(event) { this.setData({ name: event.detail.value }) },
  answer(event) { this.setData({ answered: event.detail }) },
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
