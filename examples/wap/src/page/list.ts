// 首页、栏目与搜索：一张列表，往下看就接着取。
import { List, Search, type CardFragment } from '../api.gen';
import { ask, Failure } from '../client';
import { explain, h, link, loading, when } from '../dom';
import { below, crumbs, nav, path } from '../nav';
import type { Page } from '../router';

interface Listed { edges: { node: CardFragment }[]; pageInfo: { hasNextPage: boolean; endCursor?: string | null } }
type Fetch = (after: string | null) => Promise<Listed>;

function card(article: CardFragment): HTMLElement {
  const lead = article.lead.length > 60 ? article.lead.slice(0, 60) + '…' : article.lead;
  return h('li', {},
    h('h2', {}, ...article.labelTexts.map((text) => h('span', { class: 'label' }, text)), link('/a/' + article.slug, article.title)),
    h('p', {}, lead),
    h('p', { class: 'meta' }, when(article.publishedAt).slice(0, 10), ` 浏览 ${article.viewCount} 评论 ${article.commentCount}`));
}

/** 末尾快露出来时自动取下一页；按钮留给键盘和读屏软件。 */
function endless(first: Listed, fetch: Fetch): HTMLElement {
  const list = h('ol', { class: 'cards' });
  const more = h('button', { type: 'button', class: 'more' }, '加载更多');
  const status = h('p', { role: 'status', class: 'end' });
  let page = first;
  let busy = false;
  const show = () => {
    list.append(...page.edges.map(({ node }) => card(node)));
    more.hidden = !page.pageInfo.hasNextPage;
    status.textContent = more.hidden ? (list.children.length ? '没有更多了。' : '这里还没有文章。') : '';
  };
  const next = async () => {
    if (busy || !page.pageInfo.hasNextPage) return;
    busy = more.disabled = true;
    status.textContent = '正在加载…';
    try {
      page = await fetch(page.pageInfo.endCursor ?? null);
      more.textContent = '加载更多';
      show();
    } catch (error) {
      status.textContent = explain(error);
      more.textContent = '重试';
    }
    busy = more.disabled = false;
  };
  more.onclick = next;
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && more.textContent !== '重试') void next();
  }, { rootMargin: '400px' }).observe(more);
  show();
  return h('div', {}, list, status, more);
}

export function list(slug: string | undefined, query: URLSearchParams): Page {
  const region = query.get('region');
  const suffix = region ? '?region=' + region : '';
  const all = nav();
  const make = async () => {
    // 没有条件的首页不必等导航。
    const plain = slug || region ? undefined : fetcher({});
    const first = plain?.(null);
    first?.catch(() => undefined);
    const known = await all;
    const places = slug ? path(known, slug) : [];
    const where = known.regions.find((one) => one.slug === region);
    if (slug && !places.length) throw new Failure('没有这个栏目。');
    if (region && !where) throw new Failure('没有这个地区。');
    const fetch = plain ?? fetcher({ category: places.at(-1)?.id, region: where?.id });
    const nodes = below(known, slug);
    return h('div', {},
      slug ? crumbs(places) : null,
      h('h1', {}, places.at(-1)?.name ?? (where ? where.name + '资讯' : '最新资讯')),
      nodes.length > 0 && h('nav', { class: 'tabs', 'aria-label': '栏目' },
        ...nodes.map((node) => link('/c/' + node.slug + suffix, node.name))),
      endless(await (first ?? fetch(null)), fetch));
  };
  const title = all.then((known) => [slug && path(known, slug).at(-1)?.name, known.site.name].filter(Boolean).join(' - '));
  return { title, content: loading(make) };
}

function fetcher(filter: { category?: string; region?: string }): Fetch {
  return async (after) => (await ask(List, { filter, after })).articles;
}

export function search(words: string): Page {
  const fetch: Fetch = async (after) => (await ask(Search, { query: words, after })).articles;
  const make = async () => h('div', {}, h('h1', {}, `“${words}”的搜索结果`), endless(await fetch(null), fetch));
  return { title: words + ' - 搜索', content: loading(make, '正在搜索…') };
}
