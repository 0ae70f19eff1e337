// Pending comments: approve or reject them one by one or in batches, and undo the last batch.
import { ask, mutate } from './api.js';
import { choose, h, notice, show, when } from './dom.js';
import { Queue } from './queue.js';
import { refusals } from './words.js';

const waiting = `query Waiting($after: Cursor) {
  comments(filter: { status: PENDING }, first: 20, after: $after) {
    edges { node {
      id author text createdAt editedAt originIpMasked ipRegion found
      article { slug title }
      parent { author text }
      quote { author text }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const moderate = `mutation Moderate($input: ModerateCommentsInput!) {
  moderateComments(input: $input) { undo changed left userErrors { message } }
}`;

const undoing = `mutation Undo($input: UndoModerationInput!) {
  undoModeration(input: $input) { changed left userErrors { message } }
}`;

const trusting = `mutation Trust($input: TrustCommenterInput!) {
  trustCommenter(input: $input) { userErrors { message } }
}`;

export function comments() {
  let last = null; // the batch that can be undone
  const queue = new Queue(async (after) => (await ask(waiting, { after })).comments, draw, '没有等待审核的评论。');
  const count = h('span', {});
  const every = h('input', { type: 'checkbox', onchange: () => { boxes().forEach((box) => { box.checked = every.checked; }); counted(); } });
  const approve = h('button', { type: 'button', class: 'good', onclick: () => decide(chosen(), 'APPROVED') }, '通过所选');
  const reject = h('button', { type: 'button', class: 'bad', onclick: () => decide(chosen(), 'REJECTED') }, '不通过所选');
  const bar = h('div', { class: 'row bar' }, h('label', {}, every, '全选'), count, approve, reject);

  const boxes = () => [...queue.list.querySelectorAll('input[type=checkbox]')];
  const chosen = () => boxes().filter((box) => box.checked).map((box) => box.closest('.item').dataset.id);
  function counted() {
    const n = chosen().length;
    count.textContent = `已选 ${n} 条`;
    approve.disabled = reject.disabled = n === 0;
    every.checked = n > 0 && n === boxes().length;
  }

  function draw(comment) {
    const id = comment.id;
    const quoted = comment.quote ?? comment.parent;
    return [
      h('input', { type: 'checkbox', 'aria-label': '选择这条评论', onchange: counted }),
      h('div', { class: 'what' },
        h('p', { class: 'meta' }, comment.author || '匿名', ' · ', when(comment.createdAt), comment.editedAt && ' · 改过',
          comment.originIpMasked && ' · IP ' + comment.originIpMasked, comment.ipRegion && ' ' + comment.ipRegion, ' · ', h('a', { href: '#article/' + comment.article.slug }, comment.article.title)),
        quoted && h('blockquote', {}, (quoted.author || '匿名') + '：' + quoted.text),
        h('p', { class: 'text' }, comment.text),
        comment.found && h('p', {}, h('span', { class: 'mark warn' }, '检查发现'), ' ' + comment.found),
        h('div', { class: 'row' },
          h('button', { type: 'button', class: 'good', onclick: () => decide([id], 'APPROVED') }, '通过'),
          h('button', { type: 'button', class: 'bad', onclick: () => decide([id], 'REJECTED') }, '不通过'),
          h('button', { type: 'button', onclick: () => trust(id) }, '信任此人'))),
    ];
  }

  async function decide(ids, status) {
    if (!ids.length) return;
    let reason = null;
    if (status === 'REJECTED') {
      reason = await choose({ title: `不通过 ${ids.length} 条评论`, templates: refusals, must: false, confirm: '不通过' });
      if (reason === null) return;
    }
    try {
      const done = await mutate(moderate, { input: { comments: ids, status, reason: reason || null } }, 'moderateComments');
      last = done.undo;
      queue.remove(ids);
      counted();
      const left = done.left.length ? `，${done.left.length} 条别人已处理` : '';
      notice(`${status === 'APPROVED' ? '已通过' : '未通过'} ${done.changed.length} 条${left}。`, last && { name: '撤销 (u)', do: undo });
    } catch (error) {
      notice(error.message);
    }
  }

  async function undo() {
    if (!last) return;
    try {
      const done = await mutate(undoing, { input: { undo: last } }, 'undoModeration');
      last = null;
      notice(`撤销了 ${done.changed.length} 条，它们回到队列里。`);
      Object.assign(queue, { after: null, ended: false });
      queue.list.replaceChildren();
      await queue.next();
      counted();
    } catch (error) {
      notice(error.message);
    }
  }

  async function trust(id) {
    try {
      await mutate(trusting, { input: { comment: id, trust: 'TRUSTED' } }, 'trustCommenter');
      notice('以后此人的评论不必等待。这一条仍要审核。');
    } catch (error) {
      notice(error.message);
    }
  }

  show('等待审核的评论', bar, queue.element);
  counted();
  void queue.next().then(counted);
  const onCurrent = (act) => { const item = queue.current(); if (item) act(item); };
  return {
    j: () => queue.move(1),
    k: () => queue.move(-1),
    a: () => onCurrent((item) => decide(chosen().length ? chosen() : [item.dataset.id], 'APPROVED')),
    r: () => onCurrent((item) => decide(chosen().length ? chosen() : [item.dataset.id], 'REJECTED')),
    x: () => onCurrent((item) => { const box = item.querySelector('input'); box.checked = !box.checked; counted(); }),
    u: undo,
  };
}
