// 页面没有这个文件也完整；这里只是让它更顺手：往下看就接着取，评论不用重新载入，字号立刻变。
const page = async (address, options) => {
  const response = await fetch(address, options);
  return new DOMParser().parseFromString(await response.text(), 'text/html');
};
const find = (selector) => document.querySelector(selector);

// 列表与评论：下一页的条目接在这一页后面。读过的页面在返回时原样放回。
const list = find('.cards, .comments');
const memory = 'list ' + location.href;
let busy = false;
async function next() {
  const more = find('.more');
  if (busy || !more) return;
  busy = true;
  const label = more.textContent;
  more.textContent = '正在加载…';
  try {
    const got = await page(more.href);
    list.append(...got.querySelector('.cards, .comments').children);
    more.closest('.paging').replaceWith(got.querySelector('.paging') ?? '');
    watch();
  } catch {
    more.textContent = '没有取到，点此重试';
    more.dataset.failed = label;
  }
  busy = false;
}
const watcher = new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting && !entry.target.dataset.failed)) void next();
}, { rootMargin: '400px' });
function watch() {
  const more = find('.cards ~ .paging .more');
  if (more) watcher.observe(more);
}
if (list?.matches('.cards')) {
  const kept = performance.getEntriesByType('navigation')[0]?.type === 'back_forward' && sessionStorage.getItem(memory);
  if (kept) {
    const { cards, paging, scroll } = JSON.parse(kept);
    list.innerHTML = cards;
    find('.paging')?.remove();
    list.insertAdjacentHTML('afterend', paging);
    history.scrollRestoration = 'manual';
    requestAnimationFrame(() => scrollTo({ top: scroll, behavior: 'instant' }));
  }
  addEventListener('pagehide', () => {
    try {
      sessionStorage.setItem(memory, JSON.stringify({ cards: list.innerHTML, paging: find('.paging')?.outerHTML ?? '', scroll: scrollY }));
    } catch { /* 存不下就不存 */ }
  });
}
watch();

// 字号：cookie 与服务器用的是同一个。
const root = document.documentElement;
function resize(step) {
  const size = Math.min(Math.max(Number(root.dataset.size) + step, 0), 3);
  root.dataset.size = size;
  document.cookie = `view=${root.classList.contains('elder') ? 'elder' : ''}${size}; path=/; max-age=31536000; samesite=lax`;
  find('#smaller').toggleAttribute('aria-disabled', size === 0);
  find('#larger').toggleAttribute('aria-disabled', size === 3);
  for (const id of ['smaller', 'larger']) if (find('#' + id).hasAttribute('aria-disabled')) find('#' + id).setAttribute('aria-disabled', 'true');
}

document.addEventListener('click', (event) => {
  const at = event.target.closest('a, button');
  if (!at || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (at.id === 'smaller' || at.id === 'larger') resize(at.id === 'larger' ? 1 : -1);
  else if (at.matches('.more')) {
    delete at.dataset.failed;
    void next();
  } else if (at.matches('.reply')) {
    find('#comment [name=parent]').value = at.dataset.id;
    find('#comment .to').textContent = at.getAttribute('aria-label').replace('回复', '回复：');
    find('#comment textarea').focus();
  } else if (at.id === 'copy') void navigator.clipboard.writeText(find('#receipt').textContent).then(() => { at.textContent = '已复制'; });
  else return;
  event.preventDefault();
});

// 评论：答复的页面里取出评论一节换上。
document.addEventListener('submit', async (event) => {
  if (event.target.id !== 'comment') return;
  event.preventDefault();
  const form = event.target;
  form.querySelector('button').disabled = true;
  try {
    const got = await page(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    const talk = got.querySelector('#talk') ?? got.querySelector('[role=alert]');
    if (talk.id) find('#talk').replaceWith(talk);
    else form.prepend(talk);
    find('#talk [role=status], #talk [role=alert]')?.scrollIntoView({ block: 'center' });
  } catch {
    form.submit();
  }
});

const region = find('#region');
region.form.querySelector('button').hidden = true;
region.addEventListener('change', () => region.form.submit());

const kind = find('#file [name=kind]');
if (kind) {
  const show = () => {
    const fields = [...document.querySelectorAll('[data-kinds]')];
    for (const field of fields) field.hidden = !field.dataset.kinds.split(' ').includes(kind.value);
    find('.proofs').hidden = fields.every((field) => field.hidden);
  };
  kind.addEventListener('change', show);
  show();
}
const copy = find('#copy');
if (copy && navigator.clipboard) copy.hidden = false;
