// Show the words as the reporter will read them, while they are typed. The frame comes translated from the server.
export function preview(area) {
  const output = document.getElementById(area.dataset.preview);
  const show = () => {
    const { frame, empty } = output.dataset;
    output.textContent = frame.split('{words}').join(area.value.trim() || empty);
  };
  area.addEventListener('input', show);
  show();
}

// Choices change what the reporter reads, too: ask the server, which has the words, and show its answer in place.
// The button that does the same without script steps back, and returns if the server cannot be asked.
export function choices(line) {
  const form = line.closest('form');
  const name = line.closest('details').id;
  let latest = 0;
  line.hidden = true;

  async function asked() {
    const sent = new FormData(form);
    sent.delete('photos');
    sent.set('preview', 'yes');
    const answer = await fetch(form.action, { method: 'POST', body: sent, credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return page.getElementById(name).querySelector('.preview');
  }

  function show(fresh) {
    const shown = form.querySelector('.preview');
    shown.textContent = fresh.textContent;
    if (fresh.dataset.frame === undefined) return;
    shown.dataset.frame = fresh.dataset.frame;
    form.querySelector('[data-preview]').dispatchEvent(new Event('input'));
  }

  form.addEventListener('change', async ({ target }) => {
    if (!target.matches('select, input[type=date]')) return;
    const mine = ++latest;
    try {
      const fresh = await asked();
      if (mine === latest) show(fresh);
    } catch {
      line.hidden = false;
    }
  });
}
