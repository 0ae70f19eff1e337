// 一篇文章现在的样子，只看文字。
import { ask } from './api.js';
import { failed, h, show, when } from './dom.js';

const reading = `query Article($slug: String!) {
  article(slug: $slug) { title status publishedAt publisher { name } body { text } }
}`;

export function article(slug) {
  show('文章', h('p', { role: 'status' }, '正在取…'));
  ask(reading, { slug }).then(({ article: a }) => {
    if (!a) throw new Error('没有这篇文章，可能已被删除。');
    show(a.title, h('p', { class: 'meta' }, a.publisher.name, ' · ', when(a.publishedAt), a.status === 'PUBLISHED' ? '' : ' · 现在不公开'),
      a.body.text.split('\n').map((line) => h('p', {}, line)));
  }).catch((error) => show('文章', failed(error, () => article(slug))));
  return { b: () => history.back() };
}
