// Visits on a weak network. The pages work without this; it keeps what is being written on the phone, keeps what
// could not be sent, and sends it when the network is back. A key made with each visit makes sending twice harmless.
const AGAIN_MS = [2_000, 5_000, 15_000, 60_000, 300_000];
const PATIENCE_MS = 25_000;   // a network that takes longer than this is none

// ---- the phone's own store: entries that wait (outbox), and what is being written (drafts)

const opening = new Promise((resolve, reject) => {
  const asked = indexedDB.open('visits', 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore('outbox', { keyPath: 'key' });
    asked.result.createObjectStore('drafts', { keyPath: 'where' });
  };
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});
opening.catch(() => {});   // private windows of some browsers have no store: each use says so itself

async function inStore(name, mode, use) {
  const db = await opening;
  return new Promise((resolve, reject) => {
    const turn = db.transaction(name, mode), asked = use(turn.objectStore(name));
    turn.oncomplete = () => resolve(asked.result);
    turn.onerror = turn.onabort = () => reject(turn.error);
  });
}
const put = (name, value) => inStore(name, 'readwrite', (store) => store.put(value));
const drop = (name, key) => inStore(name, 'readwrite', (store) => store.delete(key));
const all = (name) => inStore(name, 'readonly', (store) => store.getAll());
const get = (name, key) => inStore(name, 'readonly', (store) => store.get(key));

const fill = (words, values) => (words || '').replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));   // randomUUID needs TLS, and a demo has none
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function localMoment(at = new Date()) {
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// ---- sending

const box = document.querySelector('[data-outbox]');
const status = document.querySelector('[data-outbox-status]');
let timer = 0, tries = 0, isSending = false;

// What came of it: {url} taken in, {refused} told why not (isForm: by the form itself), {login} signed out.
// Thrown: no network, or the server is ill.
async function send(entry) {
  const form = new FormData();
  for (const [name, value] of entry.fields) form.append(name, name === 'csrf_token' ? box.dataset.token : value);
  for (const photo of entry.photos) form.append(photo.name, photo.file, photo.fileName);
  const stop = new AbortController(), clock = setTimeout(() => stop.abort(), PATIENCE_MS + entry.photos.length * 20_000);
  try {
    const answer = await fetch(box.dataset.url, {
      method: 'POST',
      body: form,
      headers: { Accept: 'application/json' },
      credentials: 'same-origin',
      redirect: 'manual',   // whoever is signed out is sent to the sign-in page
      signal: stop.signal,
    });
    if (answer.type === 'opaqueredirect') return { login: true };
    if (answer.status === 201) return await answer.json();
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const told = await answer.json().catch(() => ({}));
    return { refused: Object.values(told.problems || {}).join(' ') || String(answer.status), isForm: answer.status === 422 };
  } finally {
    clearTimeout(clock);
  }
}

async function flush() {
  if (isSending || !box) return;
  isSending = true;
  let isLeft = false;
  try {
    for (const entry of (await mine()).filter((one) => !one.refused)) {
      const came = await send(entry).catch(() => null);
      if (came === null || came.login) {
        isLeft = true;
        if (came) await put('outbox', { ...entry, login: true });
        break;
      }
      if (came.refused) await put('outbox', { ...entry, login: false, refused: came.refused });
      else {
        await drop('outbox', entry.key);
        status.textContent = fill(box.dataset.saySent, { place: entry.place });
        for (const told of document.querySelectorAll('[data-form-status]')) told.textContent = status.textContent;
      }
    }
  } finally {
    isSending = false;
  }
  tries = isLeft ? tries + 1 : 0;
  clearTimeout(timer);
  if (isLeft) timer = setTimeout(flush, AGAIN_MS[Math.min(tries, AGAIN_MS.length) - 1]);
  await draw();
}

async function mine() {
  return (await all('outbox')).filter((entry) => entry.person === box.dataset.person);
}

function element(name, words = '', look = '') {
  const made = document.createElement(name);
  made.textContent = words;
  if (look) made.className = look;
  return made;
}

async function draw() {
  const entries = await mine(), say = box.dataset;
  box.hidden = !entries.length;
  box.textContent = '';
  if (!entries.length) return;
  const list = element('ul');
  for (const entry of entries) list.append(line(entry));
  box.append(element('h2', fill(say.sayHead, { n: entries.length })), list);
  if (entries.some((entry) => !entry.refused)) {
    const now = element('button', say.sayNow, 'button button-quiet');
    now.type = 'button';
    now.addEventListener('click', flush);
    box.append(now);
  }
}

function line(entry) {
  const item = element('li'), say = box.dataset, at = entry.at.slice(5).replace('T', ' ');
  item.append(element('b', `${entry.place || say.sayNoPlace} · ${at}`));
  item.append(element('span', entry.refused ? fill(say.sayRefused, { why: entry.refused }) : entry.login ? say.sayLogin : say.sayWaiting));
  if (entry.refused) {
    const open = element('button', say.sayOpen, 'button button-quiet');
    open.type = 'button';
    open.addEventListener('click', () => reopen(entry));
    item.append(open);
  } else if (entry.login) {
    const link = element('a', say.saySignIn, 'button button-quiet');
    link.href = say.login;
    item.append(link);
  }
  return item;
}

// What was refused goes back into the form, as the draft of a visit to no place in particular yet.
async function reopen(entry) {
  await put('drafts', { ...entry, where: '', key: newKey(), was: entry.key });
  await drop('outbox', entry.key);
  location.assign(box.dataset.new);
}

// ---- the form

function visitForm(form) {
  const lines = form.querySelector('[data-lines]'), template = form.querySelector('[data-line-template]');
  const note = form.querySelector('[data-draft-note]'), told = form.querySelector('[data-form-status]');
  const more = form.querySelector('button[name=more]'), field = (name) => form.elements.namedItem(name);
  let where = new URLSearchParams(location.search).get('place') || '', saving = 0, isSent = false;

  function fields() {
    const kept = [];
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') kept.push([name, value]);
    return kept;
  }
  function photos() {
    const chosen = [];
    for (const input of form.querySelectorAll('input[type=file]')) {
      for (const file of input.files) chosen.push({ name: input.name, file, fileName: file.name });
    }
    return chosen;
  }
  function placeName() {
    const plate = document.querySelector('.plate h1'), typed = String(new FormData(form).get('place') || '');
    return plate && typed === form.dataset.place ? plate.textContent : typed;
  }
  function entry() {
    return { key: field('key').value, person: form.dataset.person, place: placeName(), at: field('at').value, fields: fields(), photos: photos() };
  }
  function isBlank(one) {
    return !one.photos.length && !one.fields.some(([name, value]) => ['text', 'met', 'return_on'].includes(name) && value.trim());
  }
  form.dataset.place = String(new FormData(form).get('place') || '');

  // Lines: added and taken away without asking the server.
  function number() {
    const there = lines.querySelectorAll('[data-line]');
    there.forEach((one, index) => {
      const words = fill(form.dataset.sayLine, { n: index + 1 });
      one.querySelector('legend').textContent = words;
      one.querySelector('.field .label').textContent = words;
    });
  }
  function add(slot) {
    const holder = document.createElement('div');
    holder.innerHTML = template.innerHTML.replaceAll('__slot__', slot).replaceAll('__n__', '');
    const made = holder.firstElementChild;
    if (lines.querySelector('[data-line]')) made.append(remover(made));   // one line always stays
    lines.append(made);
    made.dispatchEvent(new CustomEvent('added', { bubbles: true }));
    number();
    return made;
  }
  function remover(made) {
    const remove = element('button', form.dataset.sayRemove, 'button button-plain line-remove');
    remove.type = 'button';
    remove.addEventListener('click', () => { made.remove(); number(); keep(); more.focus(); });
    return remove;
  }
  function nextSlot() {
    return 1 + Math.max(-1, ...Array.from(form.querySelectorAll('input[name=slot]'), (one) => Number(one.value)));
  }
  more.addEventListener('click', (event) => {
    event.preventDefault();
    add(nextSlot()).querySelector('textarea').focus();
  });

  // The draft: kept while she types, put back when the page was lost, gone once it is sent.
  function keep() {
    clearTimeout(saving);
    saving = setTimeout(() => {
      const now = entry();
      if (isSent) return;
      const done = isBlank(now) ? drop('drafts', where) : put('drafts', { ...now, where, kept: localMoment() });
      done.catch(() => {});
    }, 400);
  }
  form.addEventListener('input', keep);
  form.addEventListener('change', keep);
  form.addEventListener('photos', keep);   // made small by photos.js meanwhile

  function restore(draft) {
    for (const [name, value] of draft.fields) {
      if (['place', 'at', 'met', 'return_on'].includes(name) && field(name) && !(name === 'place' && where)) field(name).value = value;
    }
    field('key').value = draft.key;
    const slots = draft.fields.filter(([name]) => name === 'slot').map(([, value]) => value);
    const texts = draft.fields.filter(([name]) => name === 'text').map(([, value]) => value);
    slots.forEach((slot, index) => {
      const made = lines.querySelector(`input[name=slot][value="${CSS.escape(slot)}"]`)?.closest('[data-line]') || add(slot);
      made.querySelector('textarea').value = texts[index] || '';
      give(made.querySelector('input[type=file]'), draft.photos.filter((photo) => photo.name === `photos-${slot}`));
    });
    number();
    note.hidden = false;
    note.textContent = fill(form.dataset.sayDraft, { at: (draft.kept || draft.at).slice(5).replace('T', ' ') });
    const forget = element('button', form.dataset.sayDrop, 'button button-plain');
    forget.type = 'button';
    forget.addEventListener('click', async () => { await drop('drafts', where); location.reload(); });
    note.append(' ', forget);
  }
  function give(input, photos) {
    if (!photos.length) return;
    const files = photos.map((photo) => new File([photo.file], photo.fileName, { type: photo.file.type }));
    const shown = input.closest('[data-photos]').photos;
    if (shown) return shown.give(files);
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  // Sending: into the outbox first, then over the network; what the server does not like comes back as its own page.
  function next() {
    form.querySelectorAll('[data-line]').forEach((one) => one.remove());
    add(0);
    for (const name of ['met', 'return_on', 'place']) if (field(name)) field(name).value = '';
    form.querySelector('.place-other')?.setAttribute('open', '');
    for (const old of document.querySelectorAll('.plate, .memory, .place-other > summary')) old.hidden = true;
    where = '';   // what is written now is a visit to another shop
    field('key').value = newKey();
    field('at').value = localMoment();
    note.hidden = true;
    form.dispatchEvent(new Event('again'));
    form.querySelector('#f-place').focus();
  }
  async function submit() {
    const made = entry();
    try {
      await put('outbox', made);
    } catch {
      told.textContent = form.dataset.sayUnkept;
      return leave();
    }
    isSending = true;   // this one is ours: the outbox keeps its hands off
    const came = await send(made).catch(() => null).finally(() => { isSending = false; });
    clearTimeout(saving);
    if (came?.url) {
      isSent = true;
      await Promise.all([drop('outbox', made.key), drop('drafts', where)]);
      return location.assign(came.url);
    }
    if (came?.isForm) {
      await drop('outbox', made.key);
      return leave();
    }
    if (came) await put('outbox', { ...made, ...came });
    await drop('drafts', where);
    await draw();
    told.textContent = came?.login ? box.dataset.sayLogin : came ? fill(box.dataset.sayRefused, { why: came.refused }) : form.dataset.sayKept;
    next();
    timer = setTimeout(flush, AGAIN_MS[0]);
  }
  function leave() {
    form.submit();   // as without script: the server answers with the page itself
  }
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented || event.submitter === more) return;
    event.preventDefault();
    submit().catch(leave);
  });

  if (!document.querySelector('[data-error-summary], .has-error')) {
    get('drafts', where).then((draft) => { if (draft && draft.person === form.dataset.person) restore(draft); }, () => {});
  }
}

if (box && window.indexedDB) {
  for (const form of document.querySelectorAll('[data-visit-form]')) visitForm(form);
  for (const name of ['online', 'pageshow']) window.addEventListener(name, () => flush().catch(() => {}));
  document.addEventListener('visibilitychange', () => { if (!document.hidden) flush().catch(() => {}); });
  draw().then(flush, () => {});
}
