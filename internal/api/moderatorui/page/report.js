// One report: the statement, the evidence, the snapshot, the history and the possible decisions.
import { ask, mutate } from './api.js';
import { choose, failed, h, main, notice, show, when } from './dom.js';
import { mark, named } from './reports.js';
import { paragraphs, picture } from './text.js';
import { actors, decisions, events, evidence, files, kinds, revealing, states } from './words.js';

const reading = `query Case($id: ID!) {
  node(id: $id) { ... on Report {
    id kind status statement missing reason filedAt dueAt decidedAt overdue dueSoon alarm decisions snapshot snapshotHash
    evidence { claimant organisation contact address workTitle workUrl proof truthful }
    target { __typename id ... on Article { slug title status } ... on Comment { text article { slug title } } ... on Publisher { name } }
    leader { id }
    attachments { id type bytes at }
    history { event by actor to reason material dueAt at }
  } }
}`;

const reviewing = `mutation Review($input: ReviewReportInput!) {
  reviewReport(input: $input) { report { id status } userErrors { message } }
}`;

const showing = `mutation Reveal($input: RevealInput!) {
  reveal(input: $input) {
    person { originIp attachments { url attachment { id type bytes } } evidence { claimant organisation contact address workTitle workUrl proof truthful } }
    userErrors { message }
  }
}`;

const following = `query Next { reports(filter: { open: true }, first: 2) { edges { node { id } } } }`;

export function report(id) {
  show('举报', h('p', { role: 'status' }, '正在取…'));
  void load(id);
  return { b: () => { location.hash = '#reports'; } };
}

async function load(id) {
  try {
    const { node } = await ask(reading, { id });
    if (!node?.id) throw new Error('没有这件举报。');
    draw(node);
  } catch (error) {
    show('举报', failed(error, () => load(id)));
  }
}

function draw(r) {
  show(kinds[r.kind] + '：' + named(r.target),
    h('p', {}, mark(r), ' ', h('strong', { id: 'state' }, states[r.status]), ' · 期限 ', when(r.dueAt)),
    h('p', { class: 'meta' }, '收到 ', when(r.filedAt), r.leader && [' · 与', h('a', { href: '#report/' + r.leader.id }, '先前的举报'), '一并处理']),
    h('section', {}, h('h3', {}, '举报人说'), h('p', { class: 'text' }, r.statement), proofs(r), hidden(r)),
    h('section', { id: 'decisions' }, h('h3', {}, '决定'), h('div', { class: 'row' }, r.decisions.map((name) => button(r, name))),
      h('p', { class: 'hint' }, '每个决定都要写理由，举报人看得到，并记入审计。')),
    h('section', {}, h('h3', {}, '被举报的内容，当时的样子'), snapshot(r), now(r.target)),
    h('section', {}, h('h3', {}, '经过'), h('ol', { class: 'history' }, r.history.map(step))));
}

function proofs(r) {
  return [
    r.missing.length > 0 && h('p', {}, h('span', { class: 'mark warn' }, '还缺'), ' ' + r.missing.map((name) => evidence[name] ?? name).join('、')),
    table(evidence, r.evidence),
    r.attachments.length > 0 && h('p', {}, '附件 ', String(r.attachments.length), ' 个：' + r.attachments.map(fileName).join('、')),
  ];
}

/** table lists the entries that have a value. */
function table(words, values) {
  const given = Object.entries(words).filter(([name]) => values[name]);
  return given.length > 0 && h('dl', {}, given.flatMap(([name, text]) => [h('dt', {}, text), h('dd', {}, values[name] === true ? '是' : values[name])]));
}

const fileName = ({ type, bytes }) => (files[type] ?? type) + '（' + Math.max(1, Math.round(bytes / 1024)) + ' KB）';

/** hidden offers to reveal the reporter's personal data for a reason, which the audit log records. */
function hidden(r) {
  const box = h('div', { id: 'person' });
  const open = h('button', { type: 'button', id: 'reveal', onclick: async () => {
    const reason = await choose({ title: '查看举报人信息', warning: '谁、何时、为什么看过，会记入审计。看到的内容不得外传。', templates: revealing, must: true, confirm: '查看' });
    if (reason === null) return;
    try {
      const { person } = await mutate(showing, { input: { item: r.id, reason } }, 'reveal');
      box.replaceChildren(table({ ...evidence, originIp: '网络地址' }, { ...person.evidence, originIp: person.originIp }) || h('p', { class: 'hint' }, '没有留下，或已按期限清除。'),
        ...person.attachments.map(({ url, attachment }, i) => h('p', {}, h('a', { href: new URL(url, location.href).pathname + new URL(url, location.href).search, target: '_blank', rel: 'noopener noreferrer' }, `附件 ${i + 1}：` + fileName(attachment)), '（五分钟内有效）')));
    } catch (error) {
      notice(error.message);
    }
    main().focus();
  } }, '查看举报人信息');
  box.append(open);
  return box;
}

function button(r, name) {
  const d = decisions[name] ?? { name, templates: [] };
  return h('button', { type: 'button', class: d.good ? 'good' : '', 'data-decision': name, onclick: () => decide(r, name, d) }, d.name);
}

async function decide(r, name, d) {
  const reason = await choose({ title: d.name, warning: d.warning, templates: d.templates, must: true, confirm: d.name });
  if (reason === null) return;
  try {
    await mutate(reviewing, { input: { report: r.id, decision: name, reason } }, 'reviewReport');
    await load(r.id);
    const next = (await ask(following)).reports.edges.map(({ node }) => node.id).find((id) => id !== r.id);
    notice(`已决定：${d.name}。`, next && { name: '下一件', do: () => { location.hash = '#report/' + next; } });
  } catch (error) {
    notice(error.message, { name: '刷新', do: () => load(r.id) });
  }
  main().focus();
}

/** snapshot shows the reported article, comment or name as it was when it was reported. */
function snapshot(r) {
  const s = r.snapshot;
  if (!s) return h('p', { class: 'hint' }, '没有留下快照。');
  const lines = s.body ? paragraphs(s.body) : [h('p', {}, s.text ?? s.name ?? '')];
  return [
    h('div', { class: 'snapshot', tabindex: '0', role: 'region', 'aria-label': '快照' }, s.title && h('p', {}, h('strong', {}, s.title)), s.cover && picture(s.cover, '封面'), lines),
    h('p', { class: 'meta' }, 'SHA-256 ', r.snapshotHash),
  ];
}

function now(target) {
  if (!target) return h('p', { class: 'hint' }, '现在已经不在了。');
  const slug = target.slug ?? target.article?.slug;
  return slug ? h('p', {}, h('a', { href: '#article/' + slug }, '看现在的样子')) : null;
}

function step(e) {
  const by = e.actor ? `${actors[e.by] ?? e.by} ${e.actor}` : actors[e.by] ?? e.by;
  return h('li', {}, h('span', { class: 'meta' }, when(e.at) + ' · ' + by), h('br'), (events[e.event] ?? e.event) + '，' + states[e.to],
    e.reason && h('blockquote', {}, e.reason), e.material && h('blockquote', {}, e.material));
}
