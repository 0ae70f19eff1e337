// 文章页：一次查询画出全文，评论随后。
import { Article, RecordView, type ArticleQuery } from '../api.gen';
import { ask, Failure } from '../client';
import { h, link, loading, markup, outside, when } from '../dom';
import { crumbs } from '../nav';
import type { Page } from '../router';
import { comments } from './comment';

type Full = NonNullable<ArticleQuery['article']>;

const sizes = ['small', 'normal', 'large', 'huge'];

function resize(body: HTMLElement): HTMLElement {
  let at = Math.max(sizes.indexOf(localStorage.getItem('size') ?? 'normal'), 0);
  const larger = h('button', { type: 'button', id: 'larger' }, '放大字体');
  const smaller = h('button', { type: 'button', id: 'smaller' }, '缩小字体');
  const set = (to: number) => {
    at = Math.min(Math.max(to, 0), sizes.length - 1);
    body.dataset.size = sizes[at];
    localStorage.setItem('size', sizes[at]!);
    larger.disabled = at === sizes.length - 1;
    smaller.disabled = at === 0;
  };
  larger.onclick = () => set(at + 1);
  smaller.onclick = () => set(at - 1);
  set(at);
  return h('div', { class: 'sizes', role: 'group', 'aria-label': '字体大小' }, larger, smaller);
}

/** 一次访问只记一次；记不上不打扰读者。 */
function seen(id: string): void {
  if (sessionStorage.getItem('seen ' + id)) return;
  sessionStorage.setItem('seen ' + id, '1');
  ask(RecordView, { input: { article: id } }).catch(() => sessionStorage.removeItem('seen ' + id));
}

function facts(a: Full): HTMLElement {
  const row = (name: string, value: string) => h('div', {}, h('dt', {}, name + '：'), h('dd', {}, value));
  return h('dl', { class: 'facts' },
    row('发布日期', when(a.publishedAt)), row('浏览次数', String(a.viewCount)), row('发布人', a.publisher.name),
    a.originIpMasked ? row('IP', a.originIpMasked + (a.ipRegion ? '（' + a.ipRegion + '）' : '')) : null, row('评论', String(a.commentCount)));
}

function source(a: Full): HTMLElement {
  const address = outside(a.source?.url);
  return h('p', { class: 'meta' }, '文/' + (a.author ?? '匿名'), a.source && ' 来源：',
    a.source && (address ? link(address, a.source.name, { rel: 'nofollow noopener', target: '_blank' }) : a.source.name));
}

function around(a: Full): HTMLElement {
  const beside = (name: string, other: { slug: string; title: string } | null | undefined) =>
    h('p', {}, name + '：', other ? link('/a/' + other.slug, other.title) : '没有了');
  return h('nav', { class: 'around', 'aria-label': '上一篇与下一篇' }, beside('上一篇', a.previous), beside('下一篇', a.next));
}

function draw(a: Full): HTMLElement {
  const body = markup(a.body.html);
  return h('article', {},
    crumbs(a.breadcrumb, '正文'),
    h('h1', {}, a.title),
    a.subtitle && h('p', { class: 'subtitle' }, a.subtitle),
    facts(a), resize(body),
    h('p', { class: 'lead' }, h('strong', {}, '导读：'), a.lead),
    body, source(a),
    h('p', { class: 'report' }, link('/report/' + a.id, '违规举报', { id: 'report' }), link('/report/' + a.id + '?kind=DELETION_REQUEST', '删稿申请')),
    h('p', { class: 'disclaimer' }, a.disclaimer),
    around(a),
    a.related.length > 0 && h('section', { 'aria-labelledby': 'related' }, h('h2', { id: 'related' }, '相关文章'),
      h('ul', {}, ...a.related.map((other) => h('li', {}, link('/a/' + other.slug, other.title))))),
    comments(a));
}

export function article(slug: string): Page {
  let titled: (title: string) => void = () => undefined;
  const title = new Promise<string>((resolve) => { titled = resolve; });
  const make = async () => {
    const { article: found } = await ask(Article, { slug });
    titled(found?.title ?? '没有这篇文章');
    if (!found) throw new Failure('没有这篇文章，它可能已被删除。');
    seen(found.id);
    requestAnimationFrame(() => performance.mark('drawn')); // make bench 据此计时
    return draw(found);
  };
  return { title, content: loading(make) };
}
