const { ask } = require('../../api.js')
const { listed, more, restart, pageSize } = require('../../paging.js')

const articles = `query List($filter: ArticleFilter, $first: Int, $after: Cursor) {
  list: articles(filter: $filter, first: $first, after: $after) { ${listed} }
}`

const columns = `query Columns { categories { id name } regions { id name } site { name } }`

Page({
  data: {
    categories: [], category: '',
    regions: [{ id: '', name: '全国' }], region: 0,
    articles: [], loading: false, ended: false, empty: false, error: ''
  },

  onLoad() {
    restart(this)
    ask(columns).then(({ categories, regions, site }) => {
      wx.setNavigationBarTitle({ title: site.name })
      this.setData({ categories, regions: this.data.regions.concat(regions) })
    }, () => {}) // 没有栏目，列表照样能看
    return this.more()
  },

  more() {
    const filter = { terminal: 'MINI_PROGRAM' }
    const region = this.data.regions[this.data.region].id
    if (this.data.category) filter.category = this.data.category
    if (region) filter.region = region
    return more(this, (after) => ask(articles, { filter, first: pageSize, after }))
  },

  refresh() {
    restart(this)
    return this.more()
  },

  choose(event) {
    this.setData({ category: event.currentTarget.dataset.id })
    return this.refresh()
  },

  chooseRegion(event) {
    this.setData({ region: Number(event.detail.value) })
    return this.refresh()
  },

  search() { wx.navigateTo({ url: '/pages/search/search' }) },

  onReachBottom() { return this.more() },
  onPullDownRefresh() { return this.refresh().then(() => wx.stopPullDownRefresh()) },
  onShareAppMessage() { return { title: '行业新闻', path: '/pages/list/list' } }
})
