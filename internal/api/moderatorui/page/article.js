// The current version of an article: its text, and pictures that are fetched on a click.
import { ask } from './api.js';
import { failed, h, show, when } from './dom.js';
import { paragraphs, picture } from './text.js';

const reading = `query Article($slug: String!) {
  article(slug: $slug) { title status publishedAt publisher { name } cover labelTexts body { document } }
}`;

export function article(slug) {
  show('文章', h('p', { role: 'status' }, '正在取…'));
  ask(reading, { slug }).then(({ article: a }) => {
    if (!a) throw new Error('没有这篇文章，可能已被删除。');
    show(a.title, h('p', { class: 'meta' }, a.publisher.name, ' · ', when(a.publishedAt), a.status === 'PUBLISHED' ? '' : ' · 现在不公开'),
      a.labelTexts.map((text) => h('p', {}, text)), a.cover && picture(a.cover, '封面'), paragraphs(a.body.document));
  }).catch((error) => show('文章', failed(error, () => article(slug))));
  return { b: () => history.back() };
}
