// 真实路径的路由。走过的页面连同滚动位置留在内存里，返回时原样放回。

export interface Page { title: string | Promise<string>; content: HTMLElement }
export type Route = [pattern: RegExp, make: (match: RegExpExecArray, query: URLSearchParams) => Page];

interface Kept { content: HTMLElement; title: string; scroll: number }

const kept = new Map<number, Kept>();
const most = 20;
let at = 0;
let newest = 0;

export function start(routes: Route[], main: HTMLElement, changed: () => void): void {
  history.scrollRestoration = 'manual';
  at = newest = (history.state as { at?: number } | null)?.at ?? 0;
  history.replaceState({ at }, '');

  const leave = () => {
    const page = kept.get(at);
    if (page) page.scroll = scrollY;
  };
  const show = (page: Kept, moved: boolean) => {
    main.replaceChildren(page.content);
    document.title = page.title;
    changed();
    if (moved) main.focus({ preventScroll: true });
    scrollTo({ top: page.scroll, behavior: 'instant' });
  };
  const open = (moved: boolean) => {
    const page = match(routes);
    const entry: Kept = { content: page.content, title: '正在打开…', scroll: 0 };
    const mine = at;
    kept.set(mine, entry);
    if (kept.size > most) kept.delete(kept.keys().next().value!);
    show(entry, moved);
    void Promise.resolve(page.title).catch(() => '没有打开').then((title) => {
      entry.title = title;
      if (at === mine) document.title = title;
    });
  };

  addEventListener('popstate', (event) => {
    if (!event.state) return; // 页内的锚点
    leave();
    at = (event.state as { at: number }).at;
    const page = kept.get(at);
    if (page) show(page, true);
    else open(true);
  });
  go = (address) => {
    leave();
    at = ++newest;
    history.pushState({ at }, '', address);
    open(true);
  };
  document.addEventListener('click', (event) => {
    const anchor = (event.target as Element).closest('a');
    if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const href = anchor.getAttribute('href') ?? '';
    if (anchor.target || anchor.origin !== location.origin || href.startsWith('#') || href.startsWith('/media/')) return;
    event.preventDefault();
    go(href);
  });
  open(false);
}

/** 去另一页。 */
export let go: (address: string) => void = () => undefined;

function match(routes: Route[]): Page {
  for (const [pattern, make] of routes) {
    const found = pattern.exec(location.pathname);
    if (found) return make(found, new URLSearchParams(location.search));
  }
  const content = document.createElement('p');
  content.textContent = '没有这个页面。';
  return { title: '没有这个页面', content };
}
