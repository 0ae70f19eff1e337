// 每一页都有的：站名、地区切换、栏目、搜索、页脚。
import { Nav, type NavQuery } from './api.gen';
import { ask } from './client';
import { h, link } from './dom';
import { go } from './router';

let asked: Promise<NavQuery> | undefined;

/** 只问一次；失败了下次再问。 */
export function nav(): Promise<NavQuery> {
  asked ??= ask(Nav, {}).catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

export interface Place { id: string; slug: string; name: string }

/** 地址里的栏目，从上到下；没有就是空的。 */
export function path(all: NavQuery, slug: string): Place[] {
  type Node = Place & { children?: Node[] };
  const walk = (nodes: Node[], above: Place[]): Place[] => {
    for (const node of nodes) {
      const here = [...above, node];
      const found = node.slug === slug ? here : walk(node.children ?? [], here);
      if (found.length) return found;
    }
    return [];
  };
  return walk(all.categories, []);
}

/** 栏目 slug 的下一级；没有 slug 就是最上一级。 */
export function below(all: NavQuery, slug: string | undefined): Place[] {
  type Node = Place & { children?: Node[] };
  let nodes: Node[] = all.categories;
  for (const step of slug ? path(all, slug) : []) nodes = nodes.find((node) => node.id === step.id)?.children ?? [];
  return nodes;
}

export function crumbs(places: Place[], last?: string): HTMLElement {
  const list = h('ol', {}, h('li', {}, link('/', '首页')));
  for (const place of places) list.append(h('li', {}, link('/c/' + place.slug, place.name)));
  if (last) list.append(h('li', { 'aria-current': 'page' }, last));
  return h('nav', { class: 'crumbs', 'aria-label': '所在位置' }, list);
}

/** 页头先画出不等接口的部分，地区与站名到了再填，高度不变。 */
export function head(top: HTMLElement, foot: HTMLElement): void {
  const home = link('/', '首页', { class: 'home' });
  const region = h('select', { 'aria-label': '切换地区', id: 'region' }, h('option', { value: '' }, '全国 [切换]'));
  const query = h('input', { type: 'search', name: 'q', 'aria-label': '搜索', placeholder: '搜索文章', required: true });
  const form = h('form', { role: 'search', class: 'search' }, query, h('button', {}, '搜索'));
  form.onsubmit = (event) => {
    event.preventDefault();
    go('/search?q=' + encodeURIComponent(query.value));
  };
  region.onchange = () => go(region.value ? '/?region=' + region.value : '/');
  top.replaceChildren(h('div', { class: 'bar' }, home, region), form);
  nav().then(({ site, regions }) => {
    home.textContent = site.name;
    for (const { slug, name } of regions) region.append(h('option', { value: slug }, name + ' [切换]'));
    chosen();
    foot.replaceChildren(
      h('p', {}, link('/status', '查询举报进度')),
      h('p', {}, site.copyright + ' ' + site.name, site.icpNumber ? ' ' + site.icpNumber : ''),
      h('p', {}, '联系方式：' + site.contact));
  }).catch(() => foot.replaceChildren(h('p', {}, link('/status', '查询举报进度'))));
}

/** 让地区的选择跟上地址。 */
export function chosen(): void {
  const region = document.querySelector<HTMLSelectElement>('#region');
  if (region) region.value = new URLSearchParams(location.search).get('region') ?? '';
}
