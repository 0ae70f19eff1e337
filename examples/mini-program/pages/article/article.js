const { ask, complete, explain, clock } = require('../../api.js')

const read = `query Read($id: ID!) {
  article(id: $id) {
    id title subtitle lead publishedAt author originIpMasked ipRegion viewCount commentCount disclaimer
    source { name }
    publisher { name }
    breadcrumb { id name }
    body {
      miniProgramParts
      miniProgramNodes
      images { url caption }
    }
    previous { id title }
    next { id title }
  }
}`

const readPart = `query Part($id: ID!, $part: Int!) {
  article(id: $id) { body { miniProgramNodes(part: $part) } }
}`

const view = `mutation View($id: ID!) { recordView(input: { article: $id }) { recorded } }`

const sizes = [15, 17, 20, 24] // 字号，像素；正文里的尺寸都是相对的

Page({
  data: { article: null, parts: [], images: [], size: sizes[1], loading: true, error: '' },

  onLoad({ id }) {
    this.id = id
    const size = wx.getStorageSync('size')
    if (sizes.indexOf(size) >= 0) this.setData({ size })
    return this.load()
  },

  load() {
    this.setData({ loading: true, error: '' })
    return ask(read, { id: this.id }).then(({ article }) => {
      if (!article) throw Object.assign(new Error(), { code: 'NOT_FOUND' })
      return this.show(article)
    }).catch((error) => this.setData({ loading: false, error: explain(error) }))
  },

  // 正文不放进 article，而是一部分一部分地放进 parts：一次 setData 不能超过 1024 kB。
  show(article) {
    const { miniProgramParts, miniProgramNodes, images } = article.body
    delete article.body
    article.time = clock(article.publishedAt)
    this.setData({
      article,
      parts: [miniProgramNodes],
      images: images.map(({ url, caption }) => ({ url: complete(url), caption })),
      loading: false
    })
    wx.setNavigationBarTitle({ title: article.title })
    ask(view, { id: this.id }).catch(() => {}) // 没记上也不打扰读者
    return this.rest(1, miniProgramParts)
  },

  // rest 按顺序取长文章余下的部分。
  rest(part, parts) {
    if (part >= parts) return Promise.resolve()
    return ask(readPart, { id: this.id, part }).then(({ article }) => {
      this.setData({ ['parts[' + part + ']']: article.body.miniProgramNodes })
      return this.rest(part + 1, parts)
    })
  },

  // rich-text 里的图片点不动，所以正文下面另排一行缩略图。
  preview(event) {
    wx.previewImage({
      current: event.currentTarget.dataset.url,
      urls: this.data.images.map((image) => image.url)
    })
  },

  larger() { this.resize(1) },
  smaller() { this.resize(-1) },

  resize(step) {
    const size = sizes[sizes.indexOf(this.data.size) + step]
    if (!size) return
    this.setData({ size })
    wx.setStorageSync('size', size)
  },

  comments() { wx.navigateTo({ url: '/pages/comments/comments?id=' + this.id }) },
  report() { wx.navigateTo({ url: '/pages/report/report?target=' + this.id }) },
  turn(event) { wx.redirectTo({ url: '/pages/article/article?id=' + event.currentTarget.dataset.id }) },

  onShareAppMessage() {
    const { article, images } = this.data
    return {
      title: article ? article.title : '文章',
      path: '/pages/article/article?id=' + this.id,
      imageUrl: images.length ? images[0].url : undefined
    }
  },

  onShareTimeline() {
    const { article } = this.data
    return { title: article ? article.title : '文章', query: 'id=' + this.id }
  }
})
