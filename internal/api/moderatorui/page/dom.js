// 造元素。读者写的字一律作为文字放进页面，从不作为标记。

/** present 是真有的那些：条件不成立的不算，一组的摊平。 */
const present = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== '');

/** h 造一个元素；以 on 开头的属性是事件。 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...present(children));
  return element;
}

export const main = () => document.querySelector('#main');

/** show 换掉页面的内容，并让读屏软件从头读起。 */
export function show(title, ...content) {
  document.title = title + ' - 审核台';
  main().replaceChildren(h('h2', {}, title), ...present(content));
}

/** notice 说一件刚发生的事，可以带一个能反悔的按钮。 */
export function notice(text, action) {
  const box = document.querySelector('#notice');
  box.replaceChildren(h('span', {}, text), ...(action ? [h('button', { type: 'button', onclick: action.do }, action.name)] : []));
}

/** when 是北京时间的日期与钟点；接口给的就是北京时间。 */
export function when(time) {
  return time ? time.slice(0, 16).replace('T', ' ') : '';
}

/** failed 说明为什么不行，并给一个重试的办法。 */
export function failed(error, again) {
  return h('div', { role: 'alert' }, h('p', { class: 'wrong' }, error.message), again && h('button', { type: 'button', onclick: again }, '重试'));
}

/** choose 用对话框问一个理由：模板可以改，也可以自己写。返回 null 表示算了。 */
export function choose({ title, warning, templates, must, confirm }) {
  return new Promise((resolve) => {
    const text = h('textarea', { name: 'reason', required: must, maxlength: '500' });
    const picks = h('select', { name: 'template', onchange: () => { text.value = picks.value; } },
      h('option', { value: '' }, '选一个模板…'), templates.map((each) => h('option', { value: each }, each)));
    const form = h('form', { method: 'dialog' }, h('h2', { id: 'asked' }, title), warning && h('p', { class: 'wrong' }, warning),
      h('label', {}, h('span', {}, '模板'), picks),
      h('label', {}, h('span', {}, must ? '理由（必填）' : '理由（可不填）'), text),
      h('div', { class: 'row' }, h('button', { class: 'bad', value: 'yes' }, confirm), h('button', { value: 'no', formnovalidate: true, type: 'button', onclick: () => box.close('no') }, '算了')));
    const box = h('dialog', { 'aria-labelledby': 'asked' }, form);
    box.addEventListener('close', () => {
      box.remove();
      resolve(box.returnValue === 'yes' ? text.value.trim() : null);
    });
    document.body.append(box);
    box.showModal();
    picks.focus();
  });
}
