/* Reports on a weak network: put down on the phone before they are sent, sent again until an answer comes, exactly once
   through their key. On the form, and on every other page of ours while something is unsent. */
(function (win, doc) {
  'use strict';

  var FIRST_MS = 2000, LONGEST_MS = 300000, PATIENCE_MS = 25000, EACH_PHOTO_MS = 20000, SLOW_MS = 6000;
  var DRAFT_MS = 7 * 24 * 3600 * 1000;
  if (!win.indexedDB || !win.fetch || !win.FormData || !win.Promise || !win.Blob) { return; }
  var form = doc.querySelector('form[data-report]'), report = form && form.report, words = readWords();
  var timer = 0, wait = FIRST_MS, isFlushing = false, inHand = {}, whole = {}, box = null;
  if (!words || (form && !report)) { return; }

  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  /* The words stand in the form; kept, so that other pages have them too. */
  function readWords() {
    var found = {}, source = doc.querySelector('[data-outbox]');
    try {
      if (!source) { return JSON.parse(win.localStorage.getItem('outbox-words')); }
      Array.from(source.attributes).forEach(function (one) { if (one.name.slice(0, 9) === 'data-say-') { found[one.name.slice(9)] = one.value; } });
      win.localStorage.setItem('outbox-words', JSON.stringify(found));
    } catch (error) { return source ? found : null; }
    return found;
  }
  function say(name, values) {
    return (words[name] || '').replace(/\{(\w+)\}/g, function (whole_, word) { return values[word]; });
  }
  function remember(name, value) {
    try { if (value) { win.localStorage.setItem(name, value); } else { win.localStorage.removeItem(name); } } catch (error) { return; }
  }

  /* ---- the phone's own store: outbox (what is to be sent, and numbers not yet seen) and the photos of drafts */

  var opening = null;
  function store() {
    opening = opening || new Promise(function (done, failed) {
      var asked = win.indexedDB.open('reports', 1);
      asked.onupgradeneeded = function () {
        asked.result.createObjectStore('outbox', { keyPath: 'key' });
        asked.result.createObjectStore('drafts', { keyPath: 'token' });
      };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = asked.onblocked = function () { failed(asked.error); };
    });
    return opening;
  }
  function inside(name, mode, use) {
    return store().then(function (db) {
      return new Promise(function (done, failed) {
        var turn = db.transaction(name, mode), asked = use(turn.objectStore(name));
        turn.oncomplete = function () { done(asked.result); };
        turn.onerror = turn.onabort = function () { failed(turn.error); };
      });
    });
  }
  function put(name, value) { return inside(name, 'readwrite', function (shelf) { return shelf.put(value); }); }
  function drop(name, key) { return inside(name, 'readwrite', function (shelf) { return shelf.delete(key); }); }
  function get(name, key) { return inside(name, 'readonly', function (shelf) { return shelf.get(key); }); }
  function every(name) { return inside(name, 'readonly', function (shelf) { return shelf.getAll(); }); }

  /* Photos as plain bytes: some browsers lose a Blob from their store when they are closed. */
  function packed(files) {
    return Promise.all(files.map(function (file) {
      return new Promise(function (done, failed) {
        var reader = new win.FileReader();
        reader.onload = function () { done({ name: file.name, type: file.type, bytes: reader.result }); };
        reader.onerror = function () { failed(reader.error); };
        reader.readAsArrayBuffer(file);
      });
    }));
  }
  function unpacked(photo) { return new win.File([photo.bytes], photo.name, { type: photo.type }); }

  /* ---- sending */

  function ask(url, options, patience) {
    var stop = win.AbortController ? new win.AbortController() : null, clock;
    options.credentials = 'same-origin';
    options.headers = { Accept: 'application/json' };
    if (stop) { options.signal = stop.signal; }
    return new Promise(function (done, failed) {
      clock = win.setTimeout(function () { if (stop) { stop.abort(); } failed(new Error('slow')); }, patience);
      win.fetch(url, options).then(function (answer) {
        /* a network that asks for a sign-in answers everything with a page of its own */
        if (!/json/.test(answer.headers.get('Content-Type') || '')) { throw new Error('not ours'); }
        return answer.json().then(function (told) { return { status: answer.status, told: told, after: Number(answer.headers.get('Retry-After')) }; });
      }).then(done, failed);
    }).then(function (came) { win.clearTimeout(clock); return came; }, function (error) { win.clearTimeout(clock); throw error; });
  }
  function freshToken() {
    return ask('/form-token', {}, PATIENCE_MS).then(function (came) {
      if (!came.told.csrf_token) { throw new Error('no token'); }
      all('[name=csrf_token]').forEach(function (field) { field.value = came.told.csrf_token; });   /* the page may still leave by itself */
      return came.told.csrf_token;
    });
  }
  /* What came of it: {sent}, {refused: why}, {byHand} when the server wants to see the person; thrown: try again later. */
  function send(entry, token) {
    var body = new win.FormData();
    entry.fields.concat(entry.unstored || []).forEach(function (field) { body.append(field[0], field[1]); });
    body.append('csrf_token', token);
    entry.photos.forEach(function (photo) { body.append('photos', new win.Blob([photo.bytes], { type: photo.type }), photo.name); });
    return ask(entry.action, { method: 'POST', body: body }, PATIENCE_MS + entry.photos.length * EACH_PHOTO_MS).then(function (came) {
      var later = new Error(String(came.status)), told = came.told;
      if (came.status < 300 && told.number) { return { sent: told }; }
      if ((came.status === 429 && told.challenge) || told.said_before) { return { byHand: true }; }
      if (came.status === 400) { return { stale: true }; }
      if (came.status >= 500 || came.status === 429 || came.status === 408 || came.status < 400) { later.after = came.after; throw later; }
      return { refused: Object.keys(told.problems || {}).map(function (name) { return told.problems[name]; }).join(' ') || String(came.status), link: told.sent_before };
    });
  }
  /* A form token may be older than its session: then with a fresh one, once. */
  function deliver(entry, token) {
    return (token ? Promise.resolve(token) : freshToken()).then(function (known) { return send(entry, known); }).then(function (came) {
      if (!came.stale) { return came; }
      return freshToken().then(function (known) { return send(entry, known); }).then(function (again) {
        return again.stale ? { byHand: true } : again;
      });
    });
  }

  function waiting() {
    return every('outbox').then(function (entries) {
      return entries.filter(function (one) { return one.state === 'waiting' && !inHand[one.key]; }).sort(function (a, b) { return a.at - b.at; });
    });
  }
  function flush() {
    if (isFlushing) { return Promise.resolve(); }
    isFlushing = true;
    return waiting().then(function (entries) {
      return entries.reduce(function (before, entry) {
        return before.then(function (goOn) { return goOn && (entry.notBefore || 0) <= Date.now() ? flushOne(entry) : goOn; });
      }, Promise.resolve(true));
    }).then(draw, draw).then(function (left) { isFlushing = false; schedule(left); }, function () { isFlushing = false; schedule([]); });
  }
  function flushOne(entry) {
    var full = whole[entry.key] || entry;
    return deliver(full).then(function (came) {
      wait = FIRST_MS;
      if (came.sent) { return settle(entry, came.sent).then(function () { return true; }); }
      entry.state = came.byHand ? 'byhand' : 'refused';
      entry.why = came.refused || '';
      entry.link = came.link || '';
      return put('outbox', entry).then(function () { return true; });
    }, function (error) { return postpone(entry, error); });
  }
  function postpone(entry, error) {
    entry.notBefore = error && error.after ? Date.now() + error.after * 1000 : 0;
    return put('outbox', entry).then(function () { return false; }, function () { return false; });
  }
  /* Taken in: words, photos and number go; what to follow it by stays until it was seen. */
  function settle(entry, told) {
    if (whole[entry.key]) {
      delete whole[entry.key];
      win.onbeforeunload = null;
      if (form) { tell(''); }
    }
    return put('outbox', { key: entry.key, state: 'sent', at: entry.at, place: entry.place, what: entry.what, number: told.number, code: told.code, path: pathOf(told.url) });
  }
  function pathOf(url) { return new win.URL(url, win.location.href).pathname; }
  function schedule(left) {
    var due = (left || []).filter(function (one) { return one.state === 'waiting'; });
    win.clearTimeout(timer);
    if (!due.length) { wait = FIRST_MS; return; }
    var soonest = Math.min.apply(null, due.map(function (one) { return one.notBefore || 0; })) - Date.now();
    timer = win.setTimeout(flush, Math.max(wait, soonest));
    wait = Math.min(wait * 2, LONGEST_MS);
  }

  /* ---- what is shown */

  function element(name, text, look) {
    var made = doc.createElement(name);
    if (text) { made.textContent = text; }
    if (look) { made.className = look; }
    return made;
  }
  function button(text, then, look) {
    var made = element('button', text, 'button ' + (look || 'button-quiet'));
    made.type = 'button';
    made.addEventListener('click', then);
    return made;
  }
  function moment(at) {
    var day = new Date(at);
    function two(n) { return (n < 10 ? '0' : '') + n; }
    return two(day.getMonth() + 1) + '-' + two(day.getDate()) + ' ' + two(day.getHours()) + ':' + two(day.getMinutes());
  }
  function draw() {
    return every('outbox').then(function (entries) {
      var main = doc.querySelector('main'), unsent = entries.filter(function (one) { return one.state !== 'sent'; }), list = element('ul');
      remember('unsent', entries.length ? String(entries.length) : '');
      if (!box) {
        box = element('section', '', 'unsent');
        box.setAttribute('aria-labelledby', 'unsent-head');
        box.setAttribute('aria-live', 'polite');
        main.insertBefore(box, main.firstChild);
      }
      var hadFocus = box.contains(doc.activeElement);
      box.textContent = '';
      box.hidden = !entries.length;
      if (!entries.length) { return entries; }
      box.className = unsent.length ? 'unsent' : 'unsent unsent-done';
      var head = element('h2', unsent.length ? say('head', { n: unsent.length }) : say('done', {}));
      head.id = 'unsent-head';
      head.tabIndex = -1;
      entries.sort(function (a, b) { return a.at - b.at; }).forEach(function (one) { list.appendChild(line(one)); });
      box.appendChild(head);
      box.appendChild(list);
      if (unsent.some(function (one) { return one.state === 'waiting'; })) { box.appendChild(button(say('now', {}), function () { wait = FIRST_MS; flush(); })); }
      if (hadFocus) { head.focus(); }
      return entries;
    });
  }
  function line(entry) {
    var item = element('li'), extra = [moment(entry.at)];
    item.appendChild(element('b', [entry.what, entry.place].filter(Boolean).join(' · ')));
    if (entry.state === 'sent') { return sentLine(item, entry); }
    if (entry.photos.length) { extra.push(say('photos', { n: entry.photos.length })); }
    item.appendChild(element('span', extra.concat(entry.said || []).join(' · '), 'unsent-what'));
    item.appendChild(element('span', stateOf(entry)));
    if (entry.lost) { item.appendChild(element('span', say('lost', {}), 'unsent-bad')); }
    if (entry.link) { item.appendChild(link(say('follow', {}), entry.link)); }
    if (entry.state !== 'waiting') { item.appendChild(button(say('edit', {}), function () { edit(entry); })); }
    return item;
  }
  function stateOf(entry) {
    if (entry.state === 'refused') { return say('refused', { why: entry.why }); }
    if (entry.state === 'byhand') { return say('byhand', {}); }
    if ((entry.notBefore || 0) > Date.now()) { return say('later', { n: Math.ceil((entry.notBefore - Date.now()) / 60000) }); }
    return say('waiting', {});
  }
  function sentLine(item, entry) {
    item.appendChild(element('span', say('sent', { number: entry.number })));
    if (entry.code) { item.appendChild(element('span', say('code', { code: entry.code }))); }
    item.appendChild(link(say('follow', {}), entry.path));
    item.appendChild(button(say('known', {}), function () { drop('outbox', entry.key).then(draw); }));
    return item;
  }
  function link(text, path) {
    var made = element('a', text, 'button button-quiet');
    made.href = path;
    return made;
  }
  /* Back into the form, under its own key: should it have arrived after all, it is still the same report. */
  function edit(entry) {
    var category = '', text = '';
    entry.fields.forEach(function (field) {
      if (field[0] === 'category') { category = field[1]; }
      if (field[0] === 'text') { text = field[1]; }
    });
    var kept = { category: category, text: text, photos: entry.photos.length, at: Date.now(), key: entry.key };
    remember('draft:' + entry.token, JSON.stringify(kept));
    return put('drafts', { token: entry.token, at: kept.at, photos: entry.photos }).then(function () { return drop('outbox', entry.key); }).then(function () {
      if (!report || report.token !== entry.token) { win.location.assign('/q/' + entry.token); return null; }
      report.restore(kept);
      givePhotos(entry.photos);
      form.querySelector('[name=text]').focus();
      return draw();
    });
  }

  /* ---- the form */

  function photoBox() { return form.querySelector('[data-photos]').photos; }
  function givePhotos(photos) {
    var theirs = photoBox();
    if (theirs && photos.length) { theirs.give(photos.map(unpacked)); }
  }
  function entryOf(pressed) {
    var entry = { key: form.elements.key.value, token: report.token, action: form.getAttribute('action'), place: form.getAttribute('data-place'), at: Date.now(), state: 'waiting', fields: [], unstored: [], photos: [] };
    var agreed = form.querySelector('[name=phone_consent]').checked, choice = form.querySelector('[name=category]:checked');
    Array.from(form.elements).forEach(function (field) {
      var isOn = !/^(radio|checkbox)$/.test(field.type) || field.checked;
      if (!field.name || !isOn || /^(file|submit|button)$/.test(field.type) || field.name === 'csrf_token') { return; }
      /* a number that nobody may use is not put down; it only goes along, so that the receipt can say it was left out */
      (field.name === 'phone' && !agreed ? entry.unstored : entry.fields).push([field.name, field.value]);
    });
    entry.unstored.push(['present', '1']);   /* who sends it later by itself can be asked nothing */
    if (pressed && pressed.name) { entry.fields.push([pressed.name, pressed.value]); }
    entry.what = pressed && /^(case|worse|gone)$/.test(pressed.name) ? pressed.textContent.trim() : choice ? nameOf(choice) : '';
    entry.said = shortened(form.querySelector('[name=text]').value.trim());
    return entry;
  }
  function shortened(text) { return text.length > 30 ? text.slice(0, 28) + '…' : text; }
  function nameOf(choice) {
    var label = choice.parentNode.querySelector('[data-name]');
    return label ? label.textContent : '';
  }
  function stored(entry) {
    var kept = {};
    Object.keys(entry).forEach(function (name) { if (name !== 'unstored') { kept[name] = entry[name]; } });
    return kept;
  }
  /* The phone is full: the words at least. Answers what could be kept: 'all', 'words', 'nothing'. */
  function keep(entry) {
    return put('outbox', stored(entry)).then(function () { return 'all'; }, function () {
      var less = stored(entry);
      less.photos = [];
      less.lost = entry.photos.length;
      return put('outbox', less).then(function () { whole[entry.key] = entry; return 'words'; }, function () { return 'nothing'; });
    });
  }
  function submit(pressed) {
    var entry = entryOf(pressed), slow = win.setTimeout(function () { tell('slow'); }, SLOW_MS), live = !report.isShell && form.elements.csrf_token.value, kept = '';
    inHand[entry.key] = true;
    return packed(photoBox() ? photoBox().files() : Array.from(form.querySelector('[data-photos] input[type=file]').files)).then(function (photos) {
      entry.photos = photos;
      return keep(entry);
    }).then(function (how) {
      kept = how;
      return deliver(entry, live);
    }).then(function (came) {
      win.clearTimeout(slow);
      if (came.sent) { return arrived(entry, came.sent); }
      return drop('outbox', entry.key).catch(function () { return null; }).then(function () { leave(pressed); });
    }, function (error) {
      win.clearTimeout(slow);
      delete inHand[entry.key];
      form.dispatchEvent(new win.Event('again'));
      if (kept === 'nothing') { tell('unkept'); return null; }
      if (kept === 'words') { entry = stored(entry); entry.lost = entry.photos.length; entry.photos = []; }
      return postpone(entry, error).then(putAside).then(function () { tell(kept === 'words' ? 'full' : ''); });
    });
  }
  function arrived(entry, told) {
    report.draft(null);
    return Promise.all([drop('outbox', entry.key), drop('drafts', report.token)]).catch(function () { return null; }).then(function () {
      return every('outbox').then(function (left) { remember('unsent', left.length ? String(left.length) : ''); }, function () { return null; });
    }).then(function () { win.location.assign(pathOf(told.url)); });
  }
  /* Not sent: it waits above, marked, and the form is free for the next one. */
  function putAside() {
    report.empty();
    return draw().then(function (left) {
      var head = doc.getElementById('unsent-head');
      if (head) { head.focus(); }
      schedule(left);
    });
  }
  /* As without script: the server answers with the page itself. The draft stays until that led to a receipt. */
  function leave(pressed) {
    if (pressed && pressed.name) {
      var field = element('input');
      field.type = 'hidden';
      field.name = pressed.name;
      field.value = pressed.value;
      form.appendChild(field);
    }
    try { win.sessionStorage.setItem('leaving', report.token); } catch (error) { remember('leaving', ''); }
    form.submit();
  }
  function tell(name) {
    var line_ = form.querySelector('[data-send-note]');
    line_.textContent = name ? say(name, {}) : '';
    line_.hidden = !name;
    if (name === 'unkept' || name === 'full') { win.onbeforeunload = function () { return true; }; }
  }
  function watchForm() {
    form.addEventListener('submit', function (event) {
      if (event.defaultPrevented) { return; }
      var pressed = event.submitter || form.pressed;
      event.preventDefault();
      tell('');
      win.onbeforeunload = null;
      submit(pressed).catch(function () { leave(pressed); });
    });
    form.addEventListener('photos', keepPhotos);
    form.addEventListener('forget', function () {
      if (photoBox()) { photoBox().give([]); }
      drop('drafts', report.token).catch(function () { return null; });
    });
  }
  function keepPhotos() {
    var files = photoBox().files();
    packed(files).then(function (photos) {
      return photos.length ? put('drafts', { token: report.token, at: Date.now(), photos: photos }) : drop('drafts', report.token);
    }).catch(function () { tell('full'); win.onbeforeunload = null; });
  }
  /* Photos of a draft come back with its words; without words to go with, or too old, they go. */
  function tidyDrafts() {
    return every('drafts').then(function (drafts) {
      return Promise.all(drafts.map(function (one) {
        var isKept = false, isOurs = form && report.token === one.token;
        try { isKept = !!win.localStorage.getItem('draft:' + one.token); } catch (error) { isKept = false; }
        if (!isKept || Date.now() - one.at > DRAFT_MS) { return drop('drafts', one.token); }
        if (isOurs && form.hasAttribute('data-blank') && photoBox() && !photoBox().files().length) { givePhotos(one.photos); }
        return null;
      }));
    });
  }

  if (form) { watchForm(); }
  ['online', 'pageshow'].forEach(function (name) { win.addEventListener(name, function () { wait = FIRST_MS; flush(); }); });
  doc.addEventListener('visibilitychange', function () { if (!doc.hidden) { flush(); } });
  tidyDrafts().catch(function () { return null; }).then(flush);
}(window, document));
