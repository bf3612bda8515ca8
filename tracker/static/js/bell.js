// The bell in the bar of the desk: ask for the number of unseen messages while the page is looked at.
// Nothing is said aloud unless the number grew; a failure is silent, the next try comes by itself.
const EVERY_MS = 20_000;

const link = document.querySelector('[data-bell]');
if (link) {
  const shown = link.querySelector('.bell-count');
  const title = document.title;
  let timer = 0;

  const say = document.createElement('span');
  say.className = 'heard';
  say.setAttribute('role', 'status');
  link.after(say);

  function show({ count, words }) {
    const before = Number(shown.textContent || 0);
    shown.textContent = count || '';
    link.setAttribute('aria-label', words);
    document.title = count > 0 ? `(${count}) ${title}` : title;
    if (count > before) say.textContent = words;
  }

  async function ask() {
    try {
      const answer = await fetch(link.dataset.bell, {
        headers: { Accept: 'application/json' },
        credentials: 'same-origin',
        redirect: 'error',
      });
      if (answer.ok) show(await answer.json());
    } catch {
      // offline, or signed out: the page itself tells when it is used
    }
    next();
  }

  function next() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, EVERY_MS);
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : ask()));
  next();
}
