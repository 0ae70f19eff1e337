// The Chinese labels for the names of the API.

export const kinds = {
  ILLEGAL_INFORMATION: '非法信息', VIOLATION: '违规', COPYRIGHT: '著作权', PRIVACY: '隐私与名誉',
  DELETION_REQUEST: '删稿申请', IMPERSONATION: '冒充', RUMOUR: '谣言', OTHER: '其他',
};

export const states = {
  FILED: '待受理', ACCEPTED: '处理中', NEEDS_MATERIAL: '等待补充材料', MEASURES_TAKEN: '已下架', COUNTERED: '发布者有异议',
  UPHELD: '举报成立', RESTORED: '已恢复', REJECTED: '举报不成立', WITHDRAWN: '已撤回',
};

export const decisions = {
  ACCEPT: { name: '受理', good: true, templates: ['已受理，正在核实。'] },
  ASK_MATERIAL: { name: '要求补充材料', templates: ['请说明是哪一段、哪一句。', '请提供权属证明。', '请提供真实姓名与联系方式。'] },
  TAKE_DOWN: {
    name: '下架', warning: '内容会立即从所有终端、搜索、订阅和同步中消失，发布者会收到通知。之后可以恢复。',
    templates: ['核实后，内容违反法律法规。', '核实后，内容侵犯他人著作权。', '核实后，内容侵犯他人隐私或名誉。', '权利人通知，初步证据成立。'],
  },
  UPHOLD: { name: '举报成立', templates: ['核实后举报成立，已由发布者改正。', '核实后举报成立，维持已采取的措施。'] },
  REJECT: { name: '举报不成立', templates: ['核实后未发现违规。', '证据不足以证明所称事实。', '所举内容与举报类型不符。'] },
  RESTORE: { name: '恢复显示', good: true, templates: ['核实后恢复。', '发布者的异议成立。'] },
  REOPEN: { name: '重新处理', templates: ['有新的材料，重新处理。'] },
};

export const refusals = ['含有广告或联系方式。', '与文章无关。', '人身攻击或不文明用语。', '含有他人的隐私。', '未经证实的传言。'];

export const events = {
  FILED: '收到举报', JOINED: '并入另一件举报', ACCEPT: '受理', ASK_MATERIAL: '要求补充材料', COMPLETE: '材料补齐', ADD_MATERIAL: '补充材料', LAPSE: '逾期未补，自动结案',
  TAKE_DOWN: '下架', UPHOLD: '举报成立', REJECT: '举报不成立', WITHDRAW: '撤回', COUNTER: '发布者提出异议', RESTORE: '恢复',
  WENT_TO_COURT: '已起诉', PERIOD_OVER: '期限已过，自动恢复', REOPEN: '重新处理', APPEAL: '举报人申诉',
  DUE_SOON: '提醒：即将到期', OVERDUE: '提醒：已逾期', ESCALATE: '提醒：逾期满一个工作日，已上报负责人',
};

export const actors = { REPORTER: '举报人', MODERATOR: '审核员', PUBLISHER: '发布者', CLOCK: '到期自动' };

export const evidence = {
  claimant: '权利人', organisation: '单位', contact: '联系方式', address: '通信地址', workTitle: '作品', workUrl: '原作地址', proof: '证明', truthful: '保证真实',
};

export const files = { 'image/jpeg': '照片', 'image/png': '图片', 'image/gif': '图片', 'image/webp': '图片', 'application/pdf': 'PDF' };

export const revealing = ['核实举报人的身份。', '联系举报人补充材料。', '有关部门来函，编号：'];

/** due returns the time left in calendar days of Beijing time. */
export function due(report, now = new Date()) {
  if (report.overdue) return report.alarm === 'ESCALATED' ? '已逾期，已上报' : '已逾期';
  if (report.decidedAt) return '已处理';
  if (report.status === 'NEEDS_MATERIAL') return '等待材料，不计时';
  const day = (time) => Math.floor((time + 8 * 3600e3) / 86400e3);
  const days = day(Date.parse(report.dueAt)) - day(now.getTime());
  return days <= 0 ? '今天到期' : days === 1 ? '明天到期' : `还剩 ${days} 天`;
}
