// 一条评论和它下面的回复，自己套自己。
Component({
  properties: { comment: Object },
  methods: {
    answer() {
      const { id, author } = this.data.comment
      this.triggerEvent('answer', { id, author }, { bubbles: true, composed: true })
    }
  }
})
