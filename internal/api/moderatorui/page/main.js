// The entry point: sign-in, routing and keyboard shortcuts.
import { ask, token } from './api.js';
import { article } from './article.js';
import { comments } from './comments.js';
import { h, main, show } from './dom.js';
import { figures } from './figures.js';
import { report } from './report.js';
import { reports } from './reports.js';

const pages = { comments, reports, report, article, figures };
const help = [
  ['1 2 3', '评论、举报、统计'], ['j k', '下一条、上一条'], ['a', '通过'], ['r', '不通过'], ['x', '选择'], ['u', '撤销'],
  ['Enter', '打开举报'], ['b', '返回'], ['?', '这张表'],
];
let keys = {};

/** login asks for a token until it is a moderator's. */
function login(wrong = '') {
  frame(false);
  const input = h('input', { type: 'password', name: 'token', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'wrong' });
  const problem = h('p', { id: 'wrong', class: 'wrong', role: 'alert' }, wrong);
  const form = h('form', { class: 'login' },
    h('label', {}, h('span', {}, '审核员的令牌'), input), problem, h('button', {}, '登录'),
    h('p', { class: 'hint' }, '令牌由管理员用 tonggao token create --role MODERATOR 生成，只留在这个标签页里，关掉就没有了。'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    token.set(input.value.trim());
    void enter();
  });
  show('登录', form);
  input.focus();
}

async function enter() {
  try {
    const { viewer } = await ask('{ viewer { role name } }');
    if (viewer.role !== 'MODERATOR' && viewer.role !== 'ADMIN') {
      token.clear();
      login(`这个令牌的角色是 ${viewer.role}，审核需要 MODERATOR 或 ADMIN。`);
      return;
    }
  } catch (error) {
    if (error.code === 'UNAUTHENTICATED') token.clear();
    login(error.message);
    return;
  }
  frame(true);
  route();
}

function frame(signedIn) {
  document.querySelector('#nav').hidden = document.querySelector('#who').hidden = !signedIn;
  keys = {};
}

/** route shows the page of the address: #comments, #reports?kind=…, #report/ID, #article/SLUG, #figures. */
function route() {
  if (!token.get()) return login();
  const [path, query = ''] = location.hash.slice(1).split('?');
  const [name, id] = path.split('/');
  const page = Object.hasOwn(pages, name) ? name : 'comments';
  document.querySelector('#notice').replaceChildren();
  keys = page === 'reports' ? reports(new URLSearchParams(query)) : pages[page](decodeURIComponent(id ?? ''));
  for (const link of document.querySelectorAll('#nav a')) {
    const current = link.hash === '#' + page || page === 'report' && link.hash === '#reports';
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function explain() {
  const box = h('dialog', { 'aria-labelledby': 'keys' }, h('h2', { id: 'keys' }, '快捷键'),
    h('dl', {}, help.flatMap(([key, text]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, text)])),
    h('form', { method: 'dialog' }, h('button', {}, '知道了')));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

const tabs = { 1: '#comments', 2: '#reports', 3: '#figures' };

document.addEventListener('keydown', (event) => {
  const writing = event.target.closest('input:not([type=checkbox]), textarea, select, dialog');
  if (!token.get() || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Enter' && event.target.closest('a, button')) return;
  const act = event.key === '?' ? explain : tabs[event.key] ? () => { location.hash = tabs[event.key]; } : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.querySelector('#help').addEventListener('click', explain);
document.querySelector('#leave').addEventListener('click', () => { token.clear(); login(); });
window.addEventListener('hashchange', route);
main().replaceChildren();
if (token.get()) void enter();
else login();
