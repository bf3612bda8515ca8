// New cases appear in the open queue without a reload, and never under the reader's eyes or finger:
// shown at once only to someone idle at the top of the page, otherwise held behind a button.
const EVERY_MS = 10_000;
const SLOWEST_MS = 120_000;

export function liveQueue(queue) {
  const rows = queue.querySelector('[data-live-rows]');
  const note = queue.querySelector('[data-live-note]');
  const waiting = [];                    // rows not yet shown, newest first
  let cursor = queue.dataset.cursor;
  let failures = 0;
  let timer = null;
  let asking = false;

  async function poll() {
    if (asking) return;
    asking = true;
    try {
      const address = new URL(queue.dataset.url, location.href);
      address.searchParams.set('since', cursor);
      const answer = await fetch(address, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      receive(await answer.json());
      failures = 0;
    } catch {
      failures += 1;
    }
    asking = false;
    render();
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(poll, Math.min(EVERY_MS * 2 ** failures, SLOWEST_MS));
  }

  function receive({ rows_html: html, cursor: next }) {
    cursor = next;
    const template = document.createElement('template');
    template.innerHTML = html;
    const known = new Set([...rows.children, ...waiting].map((row) => row.dataset.case));
    waiting.unshift(...[...template.content.querySelectorAll('tr')].filter((row) => !known.has(row.dataset.case)));
    if (waiting.length && readerIsIdle()) reveal();
  }

  function readerIsIdle() {
    const selection = getSelection();
    const selected = selection && !selection.isCollapsed && selection.containsNode(rows, true);
    const ticked = rows.querySelector('input:checked');
    return scrollY < 8 && !rows.contains(document.activeElement) && !rows.matches(':hover') && !selected && !ticked;
  }

  function reveal() {
    const fresh = waiting.splice(0);
    fresh.forEach((row) => row.classList.add('is-new'));
    rows.prepend(...fresh);
    queue.querySelector('[data-live-empty]')?.remove();
    announce(words('sayAdded', fresh.length));
    return fresh[0];
  }

  function announce(text) {
    const line = document.createElement('span');
    line.className = 'heard';
    line.textContent = text;
    note.replaceChildren(line);
  }

  function words(name, n) {
    return queue.dataset[name].replace('{n}', n);
  }

  function render() {
    if (waiting.length) return offer(words(waiting.length === 1 ? 'sayOne' : 'sayMany', waiting.length));
    if (failures > 2) return warn(queue.dataset.sayOffline);
    if (note.querySelector('.live-offline, button')) note.replaceChildren();
  }

  function offer(text) {
    const shown = note.querySelector('button');
    if (shown) {
      if (shown.textContent !== text) shown.textContent = text;
      return;
    }
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button';
    button.textContent = text;
    button.addEventListener('click', () => {
      const first = reveal();
      first.scrollIntoView({ block: 'center' });
      first.querySelector('a')?.focus({ preventScroll: true });
    });
    note.replaceChildren(button);
  }

  function warn(text) {
    if (note.querySelector('.live-offline')) return;
    const line = document.createElement('span');
    line.className = 'live-offline';
    line.textContent = text;
    note.replaceChildren(line);
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : poll()));
  schedule();
}
