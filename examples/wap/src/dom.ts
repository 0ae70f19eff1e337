// 造元素：文字一律走 textContent，只有接口保证安全的正文走 markup。

type Child = Node | string | null | undefined | false;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string | boolean> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** 只用于 body.html：接口按语法树写出，不含脚本、样式与事件。 */
export function markup(html: string): HTMLElement {
  const box = h('div', { class: 'body', id: 'body' });
  box.innerHTML = html;
  return box;
}

/** 接口的时刻都是北京时间，照原样显示，不随手机的时区变。 */
export function when(time: string | null | undefined): string {
  return time ? time.slice(0, 19).replace('T', ' ') : '';
}

/** 只认 http 与 https，免得把别的协议写进链接。 */
export function outside(address: string | null | undefined): string | undefined {
  return address && /^https?:\/\//i.test(address) ? address : undefined;
}

export function link(href: string, text: string, attributes: Record<string, string> = {}): HTMLAnchorElement {
  return h('a', { href, ...attributes }, text);
}

/** 先占位，再换成内容；出错时说明原因，给一个重试的按钮。 */
export function loading(make: () => Promise<Node>, what = '正在加载…'): HTMLElement {
  const box = h('div');
  const run = async () => {
    box.className = 'waiting';
    box.replaceChildren(h('p', { role: 'status' }, what));
    try {
      const content = await make();
      box.className = '';
      box.replaceChildren(content);
    } catch (error) {
      const again = h('button', { type: 'button' }, '重试');
      again.onclick = run;
      box.className = 'failed';
      box.replaceChildren(h('p', { role: 'alert' }, explain(error)), again);
    }
  };
  void run();
  return box;
}

export function explain(error: unknown): string {
  return error instanceof Error && error.constructor !== TypeError ? error.message : '页面出了差错，请重试。';
}

/** 提交期间按钮不可再按；结果写在表单下方的状态行里。 */
export function onSubmit(form: HTMLFormElement, send: (data: FormData) => Promise<Node | string>): void {
  const status = h('p', { role: 'status', class: 'result' });
  form.append(status);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    if (button) button.disabled = true;
    status.textContent = '正在提交…';
    status.className = 'result';
    try {
      status.replaceChildren(await send(new FormData(form)));
    } catch (error) {
      status.className = 'result wrong';
      status.textContent = explain(error);
    }
    if (button) button.disabled = false;
  };
}

export function field(label: string, control: HTMLElement, hint = ''): HTMLElement {
  return h('label', {}, h('span', {}, label), control, hint && h('small', {}, hint));
}
