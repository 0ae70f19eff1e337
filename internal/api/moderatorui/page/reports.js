// Reports, the earliest deadline first.
import { ask } from './api.js';
import { h, show, when } from './dom.js';
import { Queue } from './queue.js';
import { due, kinds, states } from './words.js';

const listing = `query Reports($filter: ReportFilter, $after: Cursor) {
  reports(filter: $filter, first: 20, after: $after) {
    edges { node { id kind status statement filedAt dueAt decidedAt overdue dueSoon alarm target { __typename ... on Article { title } ... on Comment { text } ... on Publisher { name } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const named = (target) => (target ? target.title ?? target.name ?? target.text.slice(0, 40) : '（已不在）');

export function mark(report) {
  return h('span', { class: 'mark ' + (report.overdue ? 'bad' : report.dueSoon ? 'warn' : '') }, due(report));
}

export function reports(query) {
  const filter = { open: true };
  for (const [name, value] of query) filter[name] = value;
  if (filter.status) delete filter.open;
  const queue = new Queue(async (after) => (await ask(listing, { filter, after })).reports, draw, '没有这样的举报。');
  const pick = (name, label, words, first) => {
    const select = h('select', { name, onchange: () => go(name, select.value) }, h('option', { value: '' }, first),
      Object.entries(words).map(([value, text]) => h('option', { value, selected: filter[name] === value }, text)));
    return h('label', {}, h('span', {}, label), select);
  };
  const go = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    location.hash = '#reports?' + next;
  };
  show('举报', h('div', { class: 'row' }, pick('kind', '类型', kinds, '所有类型'), pick('status', '状态', states, '待处理')), queue.element);
  void queue.next();
  return {
    j: () => queue.move(1),
    k: () => queue.move(-1),
    Enter: () => { const item = queue.current(); if (item) location.hash = '#report/' + item.dataset.id; },
  };
}

function draw(report) {
  return h('div', { class: 'what report' },
    h('p', {}, mark(report), ' ', h('a', { href: '#report/' + report.id }, kinds[report.kind] + '：' + named(report.target))),
    h('p', {}, report.statement.slice(0, 120)),
    h('p', { class: 'meta' }, states[report.status], ' · 收到 ', when(report.filedAt), ' · 期限 ', when(report.dueAt)));
}
