// The document of an article (docs/body.md), one paragraph a block; pictures are fetched on a click.
import { fetchFile } from './api.js';
import { h, notice } from './dom.js';

/** paragraphs returns the text and pictures of a document. */
export function paragraphs(node) {
  if (node.type === 'image') return [picture(node.attrs.src, node.attrs.caption ?? node.attrs.alt)];
  const content = node.content ?? [];
  if (content.some(({ type }) => type === 'text')) return [h('p', {}, content.map((child) => child.text ?? '\n').join(''))];
  return content.flatMap(paragraphs);
}

const ours = '/media/';

/** picture is a button at first: a picture may be disturbing, and costs traffic. Fetching one that is
 * withheld needs the token. Of a picture on another site only the address is shown. */
export function picture(src, words = '没有说明') {
  const { pathname, href } = new URL(src, location.href);
  if (!pathname.startsWith(ours)) return h('p', {}, `［图片：${words}］`, h('br'), h('span', { class: 'meta' }, '在别的网站：', href));
  const open = h('button', { type: 'button', class: 'picture', onclick: async () => {
    open.disabled = true;
    try {
      const image = h('img', { src: URL.createObjectURL(await fetchFile(pathname)), alt: words, onload: () => URL.revokeObjectURL(image.src) });
      open.replaceWith(image);
    } catch (error) {
      open.disabled = false;
      notice(error.message);
    }
  } }, '看图：' + words);
  return h('p', {}, open);
}
