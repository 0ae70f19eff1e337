// 列表里的一篇文章。
Component({
  properties: { article: Object },
  methods: {
    open() {
      wx.navigateTo({ url: '/pages/article/article?id=' + this.data.article.id })
    }
  }
})
