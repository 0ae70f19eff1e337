// 队列：一页接一页地取，键盘在条目之间移动。
import { failed, h } from './dom.js';

export class Queue {
  /** fetch(after) 返回一页 { edges, pageInfo }；draw(node) 返回条目的内容。 */
  constructor(fetch, draw, empty) {
    this.list = h('ol', { class: 'queue' });
    this.status = h('p', { class: 'hint', role: 'status' });
    this.more = h('button', { type: 'button', onclick: () => this.next() }, '再取一些');
    this.element = h('div', {}, this.list, this.status, this.more);
    Object.assign(this, { fetch, draw, empty, after: null, ended: false, busy: false });
    this.more.hidden = true;
  }

  async next() {
    if (this.busy || this.ended) return;
    this.busy = this.more.disabled = true;
    this.status.textContent = '正在取…';
    try {
      const page = await this.fetch(this.after);
      for (const { node } of page.edges) {
        if (!this.find(node.id)) this.list.append(this.item(node));
      }
      this.after = page.pageInfo.endCursor ?? this.after;
      this.ended = !page.pageInfo.hasNextPage;
      this.tell();
    } catch (error) {
      this.status.replaceChildren(failed(error, () => this.next()));
    }
    this.busy = this.more.disabled = false;
  }

  item(node) {
    const item = h('li', { class: 'item', tabindex: '-1', 'data-id': node.id }, this.draw(node));
    return item;
  }

  tell() {
    this.more.hidden = this.ended;
    this.status.textContent = this.items().length ? '' : this.empty;
  }

  items() { return [...this.list.children]; }

  find(id) { return this.items().find((item) => item.dataset.id === id); }

  /** here 是键盘所在的条目。 */
  here() { return document.activeElement?.closest('.item') ?? null; }

  move(step) {
    const items = this.items();
    const at = items.indexOf(this.here());
    const to = items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + step))];
    to?.focus();
    to?.scrollIntoView({ block: 'nearest' });
  }

  /** take 拿走条目，键盘到下一条；快空了就再取。 */
  take(ids) {
    const gone = ids.map((id) => this.find(id)).filter(Boolean);
    const here = this.here();
    const next = here && gone.includes(here) ? this.items().slice(this.items().indexOf(here)).find((item) => !gone.includes(item)) ?? this.items().find((item) => !gone.includes(item)) : here;
    gone.forEach((item) => item.remove());
    next?.focus();
    this.tell();
    if (this.items().length < 5) void this.next();
  }
}
