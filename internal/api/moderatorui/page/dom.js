// Creates elements. Text of readers is only ever inserted as text, never as markup.

/** present flattens groups and leaves out what a condition made empty. */
const present = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== '');

/** h creates an element; attributes that begin with on are event listeners. */
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

/** show replaces the content of the page. */
export function show(title, ...content) {
  document.title = title + ' - 审核台';
  main().replaceChildren(h('h2', {}, title), ...present(content));
}

/** notice reports what just happened, with an optional button. */
export function notice(text, action) {
  const box = document.querySelector('#notice');
  box.replaceChildren(h('span', {}, text), ...(action ? [h('button', { type: 'button', onclick: action.do }, action.name)] : []));
}

/** when formats a time; the API returns Beijing time. */
export function when(time) {
  return time ? time.slice(0, 16).replace('T', ' ') : '';
}

/** failed shows an error and a button to retry. */
export function failed(error, again) {
  return h('div', { role: 'alert' }, h('p', { class: 'wrong' }, error.message), again && h('button', { type: 'button', onclick: again }, '重试'));
}

/** choose asks for a reason in a dialog, from a template or free text; null means cancelled. */
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
