// 评论：分层显示，发表后等待审核。
import { AddComment, Comments, type RemarkFragment } from '../api.gen';
import { ask, Failure } from '../client';
import { explain, field, h, onSubmit, when } from '../dom';

interface Subject { id: string; slug: string; commentCount: number; commentsOpen: boolean }

function remark(comment: RemarkFragment, reply: () => void, open: boolean): HTMLElement {
  const button = h('button', { type: 'button', class: 'reply', 'aria-label': '回复' + (comment.author ?? '匿名') }, '回复');
  button.onclick = reply;
  return h('div', { class: 'remark' },
    h('p', { class: 'meta' }, comment.author ?? '匿名', ' ', when(comment.createdAt), comment.ipRegion ? ' IP属地：' + comment.ipRegion : ''),
    h('p', { class: 'said' }, comment.text), open && button);
}

function write(article: Subject): { form: HTMLFormElement; answer: (comment: RemarkFragment) => void } {
  let parent: string | undefined;
  const to = h('p', { class: 'meta' });
  const text = h('textarea', { name: 'text', required: true, maxlength: '2000', rows: '4' });
  const name = h('input', { name: 'name', maxlength: '30', autocomplete: 'nickname' });
  const form = h('form', { id: 'comment' }, h('h3', {}, '发表评论'), to,
    field('评论内容', text), field('昵称', name, '可以不填。'), h('button', {}, '发表'));
  onSubmit(form, async (data) => {
    const input = { article: article.id, text: String(data.get('text')), authorName: String(data.get('name')) || null, parent };
    const { addComment } = await ask(AddComment, { input });
    if (addComment.userErrors.length) throw new Failure('评论没有发表：请写 1 至 2000 个字，昵称不超过 30 个字。');
    text.value = '';
    parent = undefined;
    to.textContent = '';
    return '评论已提交，等待审核，通过后会显示在这里。';
  });
  const answer = (comment: RemarkFragment) => {
    parent = comment.id;
    to.textContent = '回复：' + (comment.author ?? '匿名');
    text.focus();
  };
  return { form, answer };
}

export function comments(article: Subject): HTMLElement {
  const list = h('ol', { class: 'comments' });
  const more = h('button', { type: 'button', class: 'more' }, '更多评论');
  const status = h('p', { role: 'status' });
  const { form, answer } = write(article);
  let after: string | null | undefined;
  const next = async () => {
    more.disabled = true;
    status.textContent = '正在加载评论…';
    try {
      const page = (await ask(Comments, { slug: article.slug, after })).article?.comments;
      for (const { node } of page?.edges ?? []) {
        const one = (comment: RemarkFragment) => remark(comment, () => answer(comment), article.commentsOpen);
        list.append(h('li', {}, one(node), node.replies.edges.length > 0 &&
          h('ol', {}, ...node.replies.edges.map((edge) => h('li', {}, one(edge.node))))));
      }
      after = page?.pageInfo.endCursor;
      more.hidden = !page?.pageInfo.hasNextPage;
      status.textContent = list.children.length ? '' : '还没有评论，来说第一句。';
    } catch (error) {
      status.textContent = explain(error);
    }
    more.disabled = false;
  };
  more.onclick = next;
  more.hidden = true;
  if (article.commentCount) void next().then(() => { if (status.textContent) more.hidden = false; });
  else status.textContent = '还没有评论。';
  return h('section', { 'aria-labelledby': 'said', class: 'talk' }, h('h2', { id: 'said' }, `${article.commentCount} 条相关评论`),
    list, status, more, article.commentsOpen ? form : h('p', {}, '本文已关闭评论。'));
}
