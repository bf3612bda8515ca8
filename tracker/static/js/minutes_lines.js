// Action lines: Enter goes on to the next one, a line taken out shows that it is, others' lines appear below.
const EMPTY = 'newline0';

export class Lines {
  constructor(form, watch) {
    this.watch = watch;
    this.form = form;
    for (const list of form.querySelectorAll('[data-lines]')) {
      const button = list.parentElement.querySelector('[data-add-line]');
      button.hidden = false;
      button.addEventListener('click', () => this.focus(this.add(list)));
      list.addEventListener('keydown', (event) => this.key(event, list));
      list.addEventListener('change', (event) => this.mark(event.target));
      list.querySelectorAll('[name$=".gone"]').forEach((box) => this.mark(box));
    }
  }

  // Enter ends a line. Not while a Chinese word is still being composed, and not on buttons.
  key(event, list) {
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
    const row = event.target.closest('.line');
    if (!row || !event.target.matches('input:not([type=checkbox]), select')) return;
    event.preventDefault();
    this.focus(row.nextElementSibling?.matches('.line') ? row.nextElementSibling : this.add(list));
  }

  add(list, uid = randomName(4)) {
    const template = list.parentElement.querySelector('[data-line-template]');
    const holder = document.createElement('template');
    holder.innerHTML = template.innerHTML.replaceAll(EMPTY, uid);
    return this.put(list, holder.content.querySelector('.line'));
  }

  put(list, row) {
    const last = [...list.querySelectorAll(':scope > .line')].pop();
    if (last) last.after(row);
    else list.prepend(row);
    row.querySelectorAll('[name^="v."]').forEach((hidden) => this.watch(hidden));
    return row;
  }

  focus(row) {
    row.querySelector('input').focus();
  }

  // A line that somebody else began: above the empty one that waits for this reader.
  show(uid, { item, html }) {
    if (this.form.querySelector(`[data-line="${uid}"]`)) return;
    const list = this.form.querySelector(`[data-lines="${item}"]`);
    const holder = document.createElement('template');
    holder.innerHTML = html;
    const row = holder.content.querySelector('.line');
    if (!list || !row) return;
    const last = [...list.querySelectorAll(':scope > .line')].pop();
    this.put(list, row);
    const isWaiting = last && ![...last.querySelectorAll('input:not([type=hidden]), select')].some((el) => el.value && el.type !== 'checkbox');
    if (isWaiting && !last.contains(document.activeElement)) row.after(last);
  }

  // A line that was typed before the page was closed and never reached the server.
  revive(name, fields) {
    const [kind, item, uid] = name.split('.');
    const list = kind === 'line' && this.form.querySelector(`[data-lines="${Number(item)}"]`);
    if (list && !this.form.querySelector(`[data-line="${uid}"]`)) this.add(list, uid);
    return fields.get(name);
  }

  mark(el) {
    if (el.name?.endsWith('.gone')) el.closest('.line').classList.toggle('is-gone', el.checked);
  }
}

// crypto.randomUUID needs TLS; this does not.
export function randomName(bytes) {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
