// 列表和页面的四种状态：正在加载（骨架）、出错（可重试）、空、到底。
Component({
  properties: {
    loading: Boolean,
    error: String,
    empty: String,
    ended: Boolean,
    skeleton: { type: Number, value: 1 }
  },
  methods: {
    retry() { this.triggerEvent('retry') }
  }
})
