/* The report form: what a category calls for, what is missing, open cases that may be the same, words kept while typing,
   a page that was kept for times without network. Sending over a weak network is outbox.js; that comes after the page. */
(function (win, doc) {
  'use strict';

  var own = doc.currentScript, root = doc.documentElement, form = doc.querySelector('form[data-report]');
  var DRAFT_MS = 7 * 24 * 3600 * 1000, SHELLS = 30, OF_A_CASE = /^(case|worse|gone)$/;   /* buttons that speak of an open case: nothing else is needed */
  if (!form || !win.Promise || !win.URL || !Array.from || !root.classList) { return; }
  var token = form.getAttribute('data-report'), text = form.querySelector('[name=text]');
  var keptAt = Number(root.getAttribute('data-shell')), isShell = keptAt > 0;

  function all(selector, inside) { return Array.prototype.slice.call((inside || doc).querySelectorAll(selector)); }
  function say(name, values) {
    return (form.getAttribute('data-say-' + name) || '').replace(/\{(\w+)\}/g, function (whole, word) { return values[word]; });
  }
  function picked() { return form.querySelector('[name=category]:checked'); }
  function photos() { var box = form.querySelector('[data-photos]'); return box.photos ? box.photos.files() : Array.from(box.querySelector('input[type=file]').files); }
  function newKey() {   /* randomUUID would need TLS */
    return Array.from(win.crypto.getRandomValues(new win.Uint8Array(16)), function (byte) { return (byte + 256).toString(16).slice(1); }).join('');
  }
  function when(at) {
    var day = new Date(at);
    function two(n) { return (n < 10 ? '0' : '') + n; }
    return two(day.getMonth() + 1) + '-' + two(day.getDate()) + ' ' + two(day.getHours()) + ':' + two(day.getMinutes());
  }

  /* Danger first, and who is protected: said right below what was chosen, before anything else. */
  function watchChoice() {
    var danger = form.querySelector('[data-danger]'), guarded = form.querySelector('[data-guard-note]'), line = form.querySelector('[data-emergency]');
    function place(block, choice) {
      var label = choice;
      if (!block) { return; }
      block.hidden = !choice;
      while (label && label.tagName !== 'LABEL') { label = label.parentNode; }
      if (label && label.nextElementSibling !== block) { label.parentNode.insertBefore(block, label.nextSibling); }
    }
    function show() {
      var choice = picked(), urgent = choice && choice.hasAttribute('data-urgent');
      place(danger, urgent && choice);
      line.hidden = !!urgent;   /* the same numbers twice would only make noise */
      place(guarded, choice && choice.hasAttribute('data-guarded') && choice);
      if (urgent && danger.getBoundingClientRect().bottom > win.innerHeight) { danger.scrollIntoView({ block: 'nearest' }); }
    }
    if (guarded) { guarded.querySelector('b').textContent = say('guarded'); }
    form.addEventListener('change', function (event) { if (event.target.name === 'category') { show(); } });
    form.addEventListener('filled', show);
    show();
  }

  function hasContent() { return text.value.trim() || photos().length || form.querySelector('[name=kept_photo]:checked'); }

  /* What is missing is said at once; the server would say the same a while later. */
  function missing(button) {
    var lacks = [];
    if (button && OF_A_CASE.test(button.name)) { return lacks; }
    if (!picked()) { lacks.push(['category', say('no-category')]); }
    if (!hasContent()) { lacks.push(['f-text', say('no-words')]); }
    return lacks;
  }
  function tell(lacks) {
    var old = doc.querySelector('.error-summary'), box = doc.createElement('div'), head = doc.createElement('h2'), list = doc.createElement('ul');
    if (old) { old.parentNode.removeChild(old); }
    all('.has-error', form).forEach(function (part) { part.classList.remove('has-error'); });
    if (!lacks.length) { return; }
    box.className = 'error-summary block';
    box.tabIndex = -1;
    ['data-error-summary', 'role', 'aria-labelledby'].forEach(function (name, n) { box.setAttribute(name, ['', 'alert', 'error-heading'][n]); });
    head.id = 'error-heading';
    head.textContent = say('lacks', {});
    lacks.forEach(function (one) {
      var item = doc.createElement('li'), link = doc.createElement('a'), part = doc.getElementById(one[0]);
      link.href = '#' + one[0];
      link.textContent = one[1];
      item.appendChild(link);
      list.appendChild(item);
      while (part && !/(^| )(field|block)( |$)/.test(part.className)) { part = part.parentNode; }
      if (part) { part.classList.add('has-error'); }
    });
    box.appendChild(head);
    box.appendChild(list);
    form.parentNode.insertBefore(box, form);
    doc.title = say('error') + doc.title.replace(say('error'), '');
    box.focus();
  }
  doc.addEventListener('submit', function (event) {   /* on its way down: before any other script takes it for sent */
    if (event.target !== form) { return; }
    var lacks = missing(event.submitter || form.pressed);
    if (lacks.length) { event.preventDefault(); event.stopPropagation(); }
    if (lacks.length || doc.querySelector('.error-summary')) { tell(lacks); }
  }, true);

  /* Perhaps it is known already: once a category is chosen, and again after words, the server lists open cases. */
  function watchSimilar(box) {
    var list = box.lastElementChild, said = box.querySelector('[role=status]'), asked = '';
    function ask() {
      var choice = picked(), words = text.value.trim(), url = box.getAttribute('data-similar');
      var question = choice && choice.value + ' ' + words, options = { credentials: 'same-origin' };
      if (!choice || question === asked) { return; }
      asked = question;
      if (words) {
        options.method = 'POST';
        options.body = new win.FormData();
        ['csrf_token', 'category', 'text'].forEach(function (name) {
          options.body.append(name, name === 'category' ? choice.value : form.querySelector('[name=' + name + ']').value);
        });
        options.body.append('refused', refused());
      } else { url += '?category=' + encodeURIComponent(choice.value) + '&refused=' + encodeURIComponent(refused()); }
      win.fetch(url, options).then(function (answer) { return answer.ok ? answer.text() : null; }).then(function (html) {
        if (html === null || question !== asked || list.contains(doc.activeElement)) { return; }
        list.innerHTML = html;
        var head = list.querySelector('h2');
        said.textContent = head ? head.textContent : '';
      }, function () { asked = ''; });
    }
    function refused() {
      return all('[name=refused]', form).map(function (field) { return field.value; }).join(' ');
    }
    form.addEventListener('change', function (event) {
      if (event.target.name === 'category' || event.target === text) { ask(); }
    });
    /* None of these: a form that is filled in is sent with the answer; else it is kept, and the list makes room. */
    box.addEventListener('click', function (event) {
      var button = event.target, keep = doc.createElement('input'), then = doc.createElement('p');
      while (button !== box && button.name !== 'different') { button = button.parentNode; }
      if (button === box || isFilledIn()) { return; }
      event.preventDefault();
      keep.type = 'hidden';
      keep.name = 'refused';
      keep.value = button.value;
      box.insertBefore(keep, list);
      then.className = 'block near-then';
      then.tabIndex = -1;
      then.textContent = button.getAttribute('data-then');
      list.textContent = '';
      list.appendChild(then);
      then.focus();
    });
    function isFilledIn() {
      return picked() && hasContent();
    }
  }

  /* This label was seen: told once the page is looked at, so that a label nobody scans any more is noticed. */
  function tellSeen(line) {
    var data;
    if (isShell || !win.navigator.sendBeacon || !win.FormData || doc.visibilityState !== 'visible') { return; }
    data = new win.FormData();
    data.append('csrf_token', form.elements.csrf_token.value);
    win.navigator.sendBeacon(line.getAttribute('data-seen'), data);
  }

  /* The draft: category and words, kept on this phone while they are typed; never the number. Photos: outbox.js. */
  function draft(value) {
    try {
      if (value === undefined) { return JSON.parse(win.localStorage.getItem('draft:' + token)); }
      if (value) { win.localStorage.setItem('draft:' + token, JSON.stringify(value)); } else { win.localStorage.removeItem('draft:' + token); }
    } catch (error) { return null; }   /* no storage, or full: the page itself still holds it */
    return value;
  }
  function keep() {
    var choice = picked(), kept = { category: choice ? choice.value : '', text: text.value, photos: photos().length, at: Date.now(), key: form.draftKey };
    draft(kept.text.trim() || kept.photos || kept.category ? kept : null);
  }
  function fill(kept) {
    var choice = kept.category && form.querySelector('[name=category][value="' + kept.category + '"]'), fold = choice;
    if (choice) {
      choice.checked = true;
      while (fold && fold.tagName !== 'DETAILS') { fold = fold.parentNode; }
      if (fold) { fold.open = true; }
    }
    text.value = kept.text;
    if (kept.key) { form.elements.key.value = form.draftKey = kept.key; }   /* went out once perhaps: still the same report */
    text.dispatchEvent(new win.Event('input', { bubbles: false }));
    form.dispatchEvent(new win.CustomEvent('filled'));
    form.dispatchEvent(new win.CustomEvent('change'));
  }
  /* Empty again, for the next report: a key of its own, so that two never count as one. */
  function empty() {
    var phone = form.querySelector('[name=phone]'), choice = picked(), consent = form.querySelector('[name=phone_consent]');
    if (choice) { choice.checked = false; }
    text.value = phone.value = '';
    consent.checked = false;
    all('[name=kept_photo]', form).forEach(function (one) { one.checked = false; });
    all('[name=refused]', form).forEach(function (one) { one.parentNode.removeChild(one); });
    form.elements.key.value = newKey();
    form.draftKey = '';
    draft(null);
    form.dispatchEvent(new win.CustomEvent('forget'));
    form.dispatchEvent(new win.CustomEvent('filled'));
    text.dispatchEvent(new win.Event('input', { bubbles: false }));
    note('');
  }
  function note(words, button) {
    var line = form.querySelector('[data-draft-note]');
    line.hidden = !words;
    line.textContent = words;
    if (button) { line.appendChild(button); }
  }
  function clearButton() {
    var button = doc.createElement('button');
    button.type = 'button';
    button.className = 'button button-plain';
    button.textContent = say('clear', {});
    button.addEventListener('click', function () { empty(); text.focus(); });
    return button;
  }
  function restore(kept) {
    fill(kept);
    note(say('draft', { at: when(kept.at) }), clearButton());
  }
  function watchDraft() {
    var kept = draft(), isBlank = form.hasAttribute('data-blank') && !text.value && !picked();
    if (kept && Date.now() - kept.at > DRAFT_MS) { kept = draft(null); }
    if (kept && isBlank && (kept.text || kept.category || kept.photos)) { restore(kept); }
    ['input', 'change', 'photos'].forEach(function (name) {
      form.addEventListener(name, function (event) { if (event.target !== form) { keep(); } });
    });
  }

  /* Without network: said plainly. What a kept page listed as open may be so no longer. */
  function watchNetwork() {
    var line = doc.querySelector('[data-offline]'), list = form.querySelector('[data-similar]');
    function show() {
      var isOff = win.navigator.onLine === false || (isShell && !form.isBack);
      line.hidden = !isOff;
      line.lastElementChild.textContent = isShell ? say('shell', { at: when(keptAt) }) : say('offline', {});
    }
    if (isShell) {
      form.elements.key.value = newKey();
      list.lastElementChild.textContent = '';
    }
    win.addEventListener('online', function () { form.isBack = true; show(); });
    win.addEventListener('offline', function () { form.isBack = false; show(); });
    show();
  }

  /* The next time this code is opened without network, the page is there: as it lies in the browser's own cache, so
     that nothing is fetched twice. Only a blank form, never a page of staff (data-blank). */
  function shelve() {
    var worker = win.navigator.serviceWorker, shelf = own.getAttribute('data-shelf'), path = win.location.pathname;
    if (!worker || !win.caches) { return; }
    worker.register(own.getAttribute('data-worker')).catch(function () { return null; });
    if (isShell || !form.hasAttribute('data-blank')) { return; }
    win.caches.open(shelf).then(function (cache) {
      var scripts = own.getAttribute('data-scripts').trim().split(' ');
      var page = win.fetch(path, { cache: 'force-cache', credentials: 'same-origin' }).then(function (answer) {
        return answer.ok && !answer.redirected ? cache.put('/q/' + token, answer) : null;
      });
      return Promise.all([page, cache.addAll(scripts)]).then(function () { return cache.keys(); }).then(function (kept) {
        var forms = kept.filter(function (one) { return /\/q\//.test(one.url); });
        return Promise.all(forms.slice(0, Math.max(0, forms.length - SHELLS)).map(function (one) { return cache.delete(one); }));
      });
    }).catch(function () { return null; });   /* full, or private: the page works without */
  }

  form.report = { token: token, isShell: isShell, newKey: newKey, restore: restore, empty: empty, draft: draft, note: note, when: when };
  doc.addEventListener('submit', function (event) {   /* on its way up: nobody held it back, so it leaves by itself */
    if (event.target !== form || event.defaultPrevented) { return; }
    try { win.sessionStorage.setItem('leaving', token); } catch (error) { return; }
  });
  watchChoice();
  if (win.fetch && win.FormData) { all('[data-similar]').forEach(watchSimilar); }
  win.addEventListener('load', function () { all('[data-seen]').forEach(tellSeen); });
  watchDraft();
  watchNetwork();
  form.addEventListener('settled', shelve);   /* said by page.js once nothing is held up by it */
}(window, document));
