// Minutes: every field saves itself, each with the version it was written over. What was typed is never taken from the
// page: it stays until the server has it, and a copy of it waits in the browser in case the page is closed meanwhile.
// Without this the form works by its Save button.
import { Lines, randomName } from './minutes_lines.js';

const EVERY_MS = 5_000;

function start(form) {
  const state = document.querySelector('[data-save-state]');
  const writers = document.querySelector('[data-writers]');
  const forms = document.querySelector('[data-settle-forms]');
  const fields = new Map();             // name → { el, base, copy }
  const store = new Store(form.dataset.store);
  let cursor = Number(form.dataset.cursor);
  let sending = store.sending;          // a save whose answer never came: sent again under the same key
  let working = null;
  let stopped = false;
  let isBehind = false;

  const lines = new Lines(form, watch);
  form.querySelectorAll('[name^="v."]').forEach((hidden) => watch(hidden));

  function watch(hidden) {
    const name = hidden.name.slice(2);
    const el = form.elements[name];
    if (fields.has(name) || !el) return;
    fields.set(name, { el, hidden, base: valueOf(el), copy: null });
    el.addEventListener('input', noteChange);
  }

  function noteChange() {
    if (state.dataset.state === 'saved' || state.dataset.state === 'empty') say('dirty');
    store.keep(dirty());
  }

  function dirty() {
    const found = {};
    for (const [name, field] of fields) {
      const text = valueOf(field.el);
      if (text !== field.base) found[name] = { text, version: Number(field.hidden.value), copy: field.copy };
    }
    return found;
  }

  function restore() {
    let any = false;
    for (const [name, kept] of Object.entries(store.drafts)) {
      const field = fields.get(name) || lines.revive(name, fields);
      if (!field || valueOf(field.el) === kept.text) continue;
      setValue(field.el, kept.text);
      field.hidden.value = kept.version;
      field.copy = kept.copy;
      any = true;
    }
    if (any) say('restored');
  }

  function save() {
    if (stopped) return Promise.resolve();
    working ||= round().finally(() => { working = null; });
    return working;
  }

  async function round() {
    const texts = dirty();
    if (!sending && !Object.keys(texts).length) return ask();
    if (!sending) {
      const changes = Object.entries(texts).map(([name, { text, version, copy }]) => ({ name, text, based_on: version, copy }));
      sending = { key: randomName(18), changes };
      store.sending = sending;
    }
    say('saving');
    const answer = await send(form.action, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': form.elements.csrf_token.value },
      body: JSON.stringify({ ...sending, since: cursor }),
    });
    if (!answer) return undefined;
    const { changes } = sending;
    if (answer.status === 422 && answer.body.error === 'key') return again();
    if (!answer.ok) return refuse(answer);
    sending = null;
    store.sending = null;
    receive(answer.body, changes);
    return Object.keys(dirty()).length ? say('dirty') : sayDone(answer.body);
  }

  function again() {                    // the browser kept an old save whose key was used for another text
    sending = null;
    store.sending = null;
  }

  async function ask() {
    const address = new URL(form.dataset.stateUrl, location.href);
    address.searchParams.set('since', cursor);
    const answer = await send(address, {});
    if (answer && answer.ok) {
      receive(answer.body, []);
      if (!Object.keys(dirty()).length) sayDone(answer.body);
    }
  }

  async function send(address, options) {
    try {
      const answer = await fetch(address, {
        credentials: 'same-origin',
        redirect: 'manual',
        ...options,
        headers: { Accept: 'application/json', ...options.headers },
      });
      if (answer.type === 'opaqueredirect') return say('signedOut');
      if (answer.status >= 500) return say('offline');
      return { ok: answer.ok, status: answer.status, body: await answer.json() };
    } catch {
      return say('offline');
    }
  }

  function refuse(answer) {
    sending = null;                     // nothing of it was written; the texts are still dirty and go out again
    store.sending = null;
    if (answer.status === 409) { stopped = true; say('locked'); state.textContent = answer.body.words; return undefined; }
    return say(answer.body.error === 'long' ? 'long' : 'refused');
  }

  function receive(news, sent) {
    const texts = new Map(sent.map((change) => [change.name, change.text]));
    for (const result of news.results || []) {
      const field = fields.get(result.name);
      if (!field) continue;
      field.base = texts.get(result.name);
      field.copy = result.copy;
      if (result.outcome !== 'copy') field.hidden.value = result.version;
    }
    for (const [uid, line] of Object.entries(news.lines)) lines.show(uid, line);
    for (const [name, told] of Object.entries(news.fields)) update(fields.get(name), told);
    form.querySelectorAll('[data-copies]').forEach((box) => {
      const html = news.copies[box.dataset.copies] || '';
      if (!html) { box.replaceChildren(); forget(fields.get(box.dataset.copies)); }
      else if (box.dataset.shown !== html) box.innerHTML = html;
      box.dataset.shown = html;
    });
    forms.innerHTML = news.forms;
    cursor = isBehind ? 0 : Math.max(cursor, news.cursor);
    isBehind = false;
    if (writers.textContent !== news.writers) writers.textContent = news.writers;
    store.keep(dirty());
  }

  function forget(field) {              // somebody settled it: ask for everything, what the field says now counts
    if (!field || field.copy === null) return;
    field.copy = null;
    isBehind = true;
  }

  // What others wrote goes into fields that the reader has left as they were; the rest the server decides.
  function update(field, told) {
    if (!field || field.copy !== null) return;
    const shown = valueOf(field.el);
    if (shown !== field.base) return;
    if (shown.trim() !== told.text) {
      const at = document.activeElement === field.el ? field.el.selectionStart : null;
      setValue(field.el, told.text);
      if (at !== null && field.el.setSelectionRange && field.el.type !== 'date') field.el.setSelectionRange(at, at);
      lines.mark(field.el);
    }
    field.base = valueOf(field.el);
    field.hidden.value = told.version;
  }

  function say(name) {
    state.dataset.state = name;
    state.textContent = form.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`];
  }

  function sayDone(news) {
    if (Object.keys(news.copies).length) return say('conflict');
    if (!news.saved) return undefined;
    state.dataset.state = 'saved';
    const words = form.dataset.saySaved.replace('{time}', news.saved);
    if (state.textContent !== words) state.textContent = words;
    return undefined;
  }

  document.addEventListener('submit', (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    save();
  }, true);

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-settle], [data-after-save]');
    if (!button) return;
    event.preventDefault();
    for (let tries = 0; tries < 3; tries += 1) await save();      // one may have been under way already
    if (Object.keys(dirty()).length) return;                      // offline: the status says so, nothing is left behind
    if (button.matches('[data-after-save]')) { location.assign(button.href); return; }
    const name = event.target.closest('[data-copies]')?.dataset.copies;
    const found = document.querySelector(`[data-copies="${name}"] [data-settle][value="${button.value}"]`) || button;
    const settle = document.getElementById(found.getAttribute('form'));
    if (!settle) { location.reload(); return; }
    const choice = document.createElement('input');
    Object.assign(choice, { type: 'hidden', name: 'choice', value: button.value });
    settle.append(choice);
    settle.submit();
  });

  addEventListener('online', save);
  addEventListener('beforeunload', (event) => {
    if (Object.keys(dirty()).length) event.preventDefault();
  });
  setInterval(save, EVERY_MS);
  restore();
  if (sending) save();
}

function valueOf(el) {
  return el.type === 'checkbox' ? (el.checked ? '1' : '') : el.value;
}

function setValue(el, text) {
  if (el.type === 'checkbox') el.checked = text === '1';
  else el.value = text;
}

// What the browser keeps: best effort. It may be empty, full or forbidden; the page itself still holds every text.
class Store {
  constructor(name) {
    this.name = name;
    this.kept = { drafts: {}, sending: null };
    try {
      this.kept = { ...this.kept, ...JSON.parse(localStorage.getItem(name) || '{}') };
    } catch { /* then nothing is kept */ }
  }

  get drafts() { return this.kept.drafts; }

  get sending() { return this.kept.sending; }

  set sending(save) {
    this.kept.sending = save;
    this.write();
  }

  keep(drafts) {
    this.kept.drafts = drafts;
    this.write();
  }

  write() {
    try {
      if (this.kept.sending || Object.keys(this.kept.drafts).length) localStorage.setItem(this.name, JSON.stringify(this.kept));
      else localStorage.removeItem(this.name);
    } catch { /* full or forbidden */ }
  }
}

const form = document.querySelector('[data-minutes]');
if (form) start(form);
