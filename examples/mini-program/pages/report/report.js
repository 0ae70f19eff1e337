const { ask, explain, complaints, clock } = require('../../api.js')

const file = `mutation File($input: FileReportInput!) {
  fileReport(input: $input) { receipt report { dueAt } userErrors { code field } }
}`

const follow = `query Follow($receipt: String!) {
  reportStatus(receipt: $receipt) { status kind filedAt dueAt overdue missing reason }
}`

const kinds = [
  { value: 'ILLEGAL_INFORMATION', name: '非法信息' },
  { value: 'VIOLATION', name: '违反本站规则' },
  { value: 'COPYRIGHT', name: '侵犯著作权' },
  { value: 'PRIVACY', name: '侵犯隐私或名誉' },
  { value: 'DELETION_REQUEST', name: '申请删稿' },
  { value: 'IMPERSONATION', name: '冒充他人' },
  { value: 'RUMOUR', name: '传播谣言' },
  { value: 'OTHER', name: '其他' }
]

const states = {
  FILED: '已收到，等待受理',
  ACCEPTED: '已受理，正在处理',
  NEEDS_MATERIAL: '请补充材料，补齐之前不计时',
  MEASURES_TAKEN: '内容已经隐藏，等待发布人说明',
  COUNTERED: '发布人有异议，正在调停',
  UPHELD: '已处理：举报成立',
  RESTORED: '已处理：内容恢复显示',
  REJECTED: '已处理：举报不成立',
  WITHDRAWN: '已撤回'
}

const materials = {
  claimant: '权利人', organisation: '单位', contact: '联系方式', address: '通信地址',
  workTitle: '作品名称', workUrl: '原作地址', proof: '初步证明', truthful: '真实性声明'
}

Page({
  data: {
    target: '', kinds, kind: 0, statement: '', contact: '', wrong: {}, sending: false,
    receipt: '', due: '', asked: '', following: false, state: null, missing: ''
  },

  // 回执号只显示一次，所以存在手机里，下次打开接着查。
  onLoad({ target }) {
    this.setData({ target: target || '', asked: wx.getStorageSync('receipt') || '' })
  },

  chooseKind(event) { this.setData({ kind: Number(event.detail.value) }) },
  writeStatement(event) { this.setData({ statement: event.detail.value }) },
  writeContact(event) { this.setData({ contact: event.detail.value }) },
  writeReceipt(event) { this.setData({ asked: event.detail.value.trim() }) },

  send() {
    const { target, kind, statement, contact, sending } = this.data
    if (sending) return Promise.resolve()
    const input = { target, kind: kinds[kind].value, statement }
    if (contact) input.contact = contact
    this.setData({ sending: true, wrong: {} })
    return ask(file, { input }).then(({ fileReport }) => {
      const { receipt, report, userErrors } = fileReport
      if (userErrors.length) {
        this.setData({ sending: false, wrong: complaints(userErrors) })
        return
      }
      wx.setStorageSync('receipt', receipt)
      this.setData({ sending: false, receipt, asked: receipt, due: clock(report.dueAt) })
    }).catch((error) => this.setData({ sending: false, wrong: { statement: explain(error) } }))
  },

  copy() { wx.setClipboardData({ data: this.data.receipt }) },

  follow() {
    const { asked, following } = this.data
    if (!asked || following) return Promise.resolve()
    this.setData({ following: true, state: null, missing: '' })
    return ask(follow, { receipt: asked }).then(({ reportStatus: found }) => {
      if (!found) {
        this.setData({ following: false, missing: '没有这个回执号，请核对。' })
        return
      }
      this.setData({
        following: false,
        state: {
          status: states[found.status],
          kind: kinds.filter((kind) => kind.value === found.kind)[0].name,
          filed: clock(found.filedAt),
          due: clock(found.dueAt),
          overdue: found.overdue,
          reason: found.reason,
          missing: found.missing.map((name) => materials[name] || name).join('、')
        }
      })
    }).catch((error) => this.setData({ following: false, missing: explain(error) }))
  }
})
