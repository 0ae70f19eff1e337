// Statistics of this month and year, as the annual report needs them.
import { ask } from './api.js';
import { failed, h, show } from './dom.js';
import { kinds, states } from './words.js';

const counting = `query Figures($from: Time!, $until: Time!) {
  reportFigures(from: $from, until: $until) { received inTime late open overdue byOutcome { kind status count } }
}`;

const columns = { received: '收到', inTime: '按时处理', late: '逾期处理', open: '处理中', overdue: '逾期未处理' };

export function figures() {
  show('统计', h('p', { role: 'status' }, '正在算…'));
  const beijing = new Date(Date.now() + 8 * 3600e3).toISOString();
  const at = (date) => date + 'T00:00:00+08:00';
  const until = new Date(Date.now() + 86400e3).toISOString();
  const since = async (date) => (await ask(counting, { from: at(date), until })).reportFigures; // the API allows one period per operation
  Promise.all([since(beijing.slice(0, 7) + '-01'), since(beijing.slice(0, 4) + '-01-01')]).then(([month, year]) => {
    show('统计',
      table('举报的处理', ['', '本月', '今年'], Object.entries(columns).map(([name, text]) => [text, month[name], year[name]])),
      table('今年，按类型与结果', ['类型', '结果', '件数'], year.byOutcome.map((f) => [kinds[f.kind], states[f.status], f.count])));
  }).catch((error) => show('统计', failed(error, figures)));
  return {};
}

function table(title, head, rows) {
  return h('section', {}, h('h3', {}, title), h('table', {}, h('thead', {}, h('tr', {}, head.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) => h(i ? 'td' : 'th', i ? {} : { scope: 'row' }, String(cell))))))));
}
