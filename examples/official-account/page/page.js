// Copies a part of the article with its styles and pictures: the clipboard gets exactly the
// HTML that the server gave. This needs neither https nor a permission.
const copied = { button: null, text: '' };

document.addEventListener('copy', event => {
  if (!copied.button) return;
  const field = document.getElementById(copied.button.dataset.copy);
  if (!('plain' in field.dataset)) event.clipboardData.setData('text/html', field.value);
  event.clipboardData.setData('text/plain', copied.text);
  event.preventDefault();
});

document.addEventListener('click', event => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  const shown = document.querySelector(`#${button.dataset.select || 'none'} .content`);
  if (shown) getSelection().selectAllChildren(shown);
  copied.button = button;
  copied.text = shown ? shown.innerText : document.getElementById(button.dataset.copy).value;
  const done = document.execCommand('copy');
  copied.button = null;
  document.getElementById('status').textContent = done ? '已复制，可以粘贴了。' : '浏览器不许复制，请选中左边的正文，按 Ctrl+C。';
});
