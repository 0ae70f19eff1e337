const { ask } = require('../../api.js')
const { listed, more, restart, pageSize } = require('../../paging.js')

const search = `query Search($words: String!, $first: Int, $after: Cursor) {
  list: search(query: $words, filter: { terminal: MINI_PROGRAM }, first: $first, after: $after) { ${listed} }
}`

Page({
  data: { words: '', articles: [], loading: false, ended: false, empty: false, error: '' },

  // 从分享进来时带着要搜的词。
  onLoad(options) {
    restart(this)
    if (options.words) return this.find({ detail: { value: decodeURIComponent(options.words) } })
  },

  find(event) {
    const words = event.detail.value.trim()
    restart(this)
    this.setData({ words })
    return this.more()
  },

  more() {
    const { words } = this.data
    if (!words) return Promise.resolve()
    return more(this, (after) => ask(search, { words, first: pageSize, after }))
  },

  onReachBottom() { return this.more() },

  onShareAppMessage() {
    const { words } = this.data
    return { title: '搜索：' + words, path: '/pages/search/search?words=' + encodeURIComponent(words) }
  }
})
