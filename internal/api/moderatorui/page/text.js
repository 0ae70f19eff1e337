// 一篇文章的语法树（docs/body.md），一块一段；图片点了才取。
import { file } from './api.js';
import { h, notice } from './dom.js';

/** paragraphs 是语法树里的文字和图片。 */
export function paragraphs(node) {
  if (node.type === 'image') return [picture(node.attrs.src, node.attrs.caption ?? node.attrs.alt)];
  const content = node.content ?? [];
  if (content.some(({ type }) => type === 'text')) return [h('p', {}, content.map((child) => child.text ?? '\n').join(''))];
  return content.flatMap(paragraphs);
}

const ours = '/media/';

/** picture 先是一个按钮：图片可能刺眼，也费流量；已下架的凭令牌才取得到。别处的图片只给地址，审核台不替人去取。 */
export function picture(src, words = '没有说明') {
  const { pathname, href } = new URL(src, location.href);
  if (!pathname.startsWith(ours)) return h('p', {}, `［图片：${words}］`, h('br'), h('span', { class: 'meta' }, '在别的网站：', href));
  const open = h('button', { type: 'button', class: 'picture', onclick: async () => {
    open.disabled = true;
    try {
      const image = h('img', { src: URL.createObjectURL(await file(pathname)), alt: words, onload: () => URL.revokeObjectURL(image.src) });
      open.replaceWith(image);
    } catch (error) {
      open.disabled = false;
      notice(error.message);
    }
  } }, '看图：' + words);
  return h('p', {}, open);
}
