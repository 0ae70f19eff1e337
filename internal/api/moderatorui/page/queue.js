// A paginated queue whose items can be reached with the keyboard.
import { failed, h } from './dom.js';

export class Queue {
  /** fetch(after) returns a page { edges, pageInfo }; draw(node) returns the content of an item. */
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
      this.update();
    } catch (error) {
      this.status.replaceChildren(failed(error, () => this.next()));
    }
    this.busy = this.more.disabled = false;
  }

  item(node) {
    return h('li', { class: 'item', tabindex: '-1', 'data-id': node.id }, this.draw(node));
  }

  update() {
    this.more.hidden = this.ended;
    this.status.textContent = this.items().length ? '' : this.empty;
  }

  items() { return [...this.list.children]; }

  find(id) { return this.items().find((item) => item.dataset.id === id); }

  /** current returns the item that has the focus. */
  current() { return document.activeElement?.closest('.item') ?? null; }

  move(step) {
    const items = this.items();
    const at = items.indexOf(this.current());
    const to = items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + step))];
    to?.focus();
    to?.scrollIntoView({ block: 'nearest' });
  }

  /** remove removes items, moves the focus to the next one, and fetches more if few are left. */
  remove(ids) {
    const gone = ids.map((id) => this.find(id)).filter(Boolean);
    const current = this.current();
    const next = current && gone.includes(current) ? this.items().slice(this.items().indexOf(current)).find((item) => !gone.includes(item)) ?? this.items().find((item) => !gone.includes(item)) : current;
    gone.forEach((item) => item.remove());
    next?.focus();
    this.update();
    if (this.items().length < 5) void this.next();
  }
}
