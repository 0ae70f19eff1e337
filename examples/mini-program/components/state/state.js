// 列表和页面的四种状态：正在加载（骨架）、出错（可重试）、空、到底。
Component({
  properties: {
    loading: Boolean,
    error: String,
    empty: String,
    ended: Boolean,
    more: Boolean // 上面已有内容，骨架只要一块
  },
  methods: {
    retry() { this.triggerEvent('retry') }
  }
})
