/* What every page with a form gains from script. All of them work without it; it only saves taps and waiting.
   Plain old syntax on purpose: in-app browsers on cheap phones may be years behind. */
(function (win, doc) {
  'use strict';

  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  function say(box, name, n) { return (box.getAttribute('data-' + name) || '').replace('{n}', n); }

  /* Errors: the summary takes the focus, so it is read out and its links are one key away. */
  function focusSummary() {
    var summary = doc.querySelector('[data-error-summary]');
    if (summary) { summary.focus(); }
  }

  /* Sending: a second tap does nothing. aria-disabled keeps focus and the button's own value, which disabled would drop.
     Armed again when the page returns from the back cache, or when no answer came: sending twice is harmless to the server. */
  var AGAIN_AFTER_MS = 30000;
  function guardForm(form) {
    var busy = false, pressed = null, timer = null;
    function arm() {
      busy = false;
      win.clearTimeout(timer);
      if (pressed) { pressed.removeAttribute('aria-disabled'); swapWords(pressed); pressed = null; }
    }
    form.addEventListener('click', function (event) {
      var target = event.target;
      while (target && target !== form && target.tagName !== 'BUTTON') { target = target.parentNode; }
      if (target && target.tagName === 'BUTTON' && !busy) { form.pressed = target; }
    });
    form.addEventListener('submit', function (event) {
      if (busy) { event.preventDefault(); return; }
      if (event.defaultPrevented) { return; }
      busy = true;
      pressed = event.submitter || form.pressed || form.querySelector('button:not([type=button])');
      if (pressed) { pressed.setAttribute('aria-disabled', 'true'); swapWords(pressed); }
      timer = win.setTimeout(arm, AGAIN_AFTER_MS);
    });
    win.addEventListener('pageshow', arm);
    form.addEventListener('again', arm);   /* another script took the form and is done with it */
  }
  function swapWords(button) {
    var span = button.querySelector('span'), next = button.getAttribute('data-busy');
    if (!span || !next) { return; }
    button.setAttribute('data-busy', span.textContent);
    span.textContent = next;
  }

  /* Words: how many are left, said quietly; the server decides. */
  function countWords(area) {
    var most = Number(area.getAttribute('data-count')), line = doc.createElement('p');
    line.className = 'count';
    area.parentNode.insertBefore(line, area.nextSibling);
    function show() {
      var left = most - Array.from(area.value).length;
      line.textContent = left < 0 ? say(area, 'count-over', -left) : say(area, 'count-left', left);
      line.className = left < 0 ? 'count count-over' : 'count';
    }
    area.addEventListener('input', show);
    show();
  }

  /* Photos: thumbnails with a remove button, several picks add up, limits are named before sending.
     chosen is the one list everything reads, so a later step (shrinking) can replace its files. */
  function photoBox(box) {
    var input = box.querySelector('input[type=file]'), list = box.querySelector('[data-thumbs]');
    var note = box.querySelector('[data-photo-note]'), chosen = [], addresses = [], canWrite = canSetFiles();
    var most = Number(box.getAttribute('data-max')), mb = 1024 * 1024;

    function problem() {
      var total = 0, big = false, eachMb = Number(box.getAttribute('data-max-mb')), totalMb = Number(box.getAttribute('data-total-mb'));
      chosen.forEach(function (file) { total += file.size; big = big || file.size > eachMb * mb; });
      if (chosen.length + kept() > most) { return say(box, 'say-count', most); }
      if (big) { return say(box, 'say-big', eachMb); }
      return total > totalMb * mb ? say(box, 'say-total', totalMb) : '';
    }
    function kept() { return all('input[type=checkbox]:checked', box).length; }
    function write() {
      if (!canWrite) { return; }
      var carrier = new win.DataTransfer();
      chosen.forEach(function (file) { carrier.items.add(file); });
      input.files = carrier.files;
    }
    function thumb(file, index) {
      var item = doc.createElement('li'), picture = doc.createElement('img');
      var address = win.URL.createObjectURL(file);
      addresses.push(address);
      picture.alt = say(box, 'say-photo', index + 1);
      picture.width = picture.height = 104;
      picture.src = address;
      item.appendChild(picture);
      if (canWrite) { item.appendChild(removeButton(index, picture.alt)); }
      return item;
    }
    function removeButton(index, name) {
      var button = doc.createElement('button');
      button.type = 'button';
      button.className = 'thumb-remove';
      button.textContent = say(box, 'say-remove');
      button.setAttribute('aria-label', button.textContent + ' ' + name);
      button.addEventListener('click', function () {
        chosen.splice(index, 1);
        write();
        show();
        input.focus();
      });
      return button;
    }
    function show() {
      addresses.forEach(function (address) { win.URL.revokeObjectURL(address); });
      addresses = [];
      list.textContent = '';
      chosen.forEach(function (file, index) { list.appendChild(thumb(file, index)); });
      var wrong = problem();
      note.className = wrong ? 'photo-note error' : 'photo-note soft';
      note.textContent = wrong || (chosen.length ? say(box, 'say-chosen', chosen.length) : '');
    }
    function same(file) {
      return chosen.some(function (one) {
        return one.name === file.name && one.size === file.size && one.lastModified === file.lastModified;
      });
    }
    input.addEventListener('change', function () {
      var picked = Array.prototype.slice.call(input.files);
      chosen = canWrite ? chosen.concat(picked.filter(function (file) { return !same(file); })) : picked;
      write();
      show();
    });
    box.addEventListener('change', function (event) { if (event.target !== input) { show(); } });
    input.form.addEventListener('submit', function (event) {
      if (!problem()) { return; }
      event.preventDefault();
      show();
      input.focus();
    });
    if (input.files.length) { chosen = Array.prototype.slice.call(input.files); show(); }   /* kept by the browser on reload */
  }
  function canSetFiles() {
    try { return new win.DataTransfer().files.length === 0; } catch (error) { return false; }
  }

  /* Perhaps it is known already: once a category is chosen, and again after words, the server lists open cases. */
  function watchSimilar(box) {
    var list = box.lastElementChild, said = box.querySelector('[role=status]'), asked = '';
    var form = box.parentNode, words;
    while (form.tagName !== 'FORM') { form = form.parentNode; }
    words = form.querySelector('[name=text]');
    function ask() {
      var picked = form.querySelector('[name=category]:checked'), text = words.value.trim(), url = box.getAttribute('data-similar');
      var question = picked && picked.value + ' ' + text, options = { credentials: 'same-origin' };
      if (!picked || question === asked) { return; }
      asked = question;
      if (text) {
        options.method = 'POST';
        options.body = new win.FormData();
        ['csrf_token', 'category', 'text'].forEach(function (name) {
          options.body.append(name, name === 'category' ? picked.value : form.querySelector('[name=' + name + ']').value);
        });
        options.body.append('refused', refused());
      } else { url += '?category=' + encodeURIComponent(picked.value) + '&refused=' + encodeURIComponent(refused()); }
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
      if (event.target.name === 'category' || event.target === words) { ask(); }
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
      return form.querySelector('[name=category]:checked') && (words.value.trim() || form.querySelector('[name=kept_photo]:checked') ||
        all('input[type=file]', form).some(function (input) { return input.files.length; }));
    }
  }

  /* This label was seen: told once the page is looked at, so that a label nobody scans any more is noticed. */
  function tellSeen(line) {
    var token = doc.querySelector('[name=csrf_token]'), data;
    if (!token || !win.navigator.sendBeacon || !win.FormData || doc.visibilityState !== 'visible') { return; }
    data = new win.FormData();
    data.append('csrf_token', token.value);
    win.navigator.sendBeacon(line.getAttribute('data-seen'), data);
  }

  /* Danger first: the emergency numbers stand out once an urgent kind is chosen. */
  function watchUrgent(line) {
    doc.addEventListener('change', function (event) {
      if (event.target.type === 'radio') {
        line.classList[event.target.hasAttribute('data-urgent') ? 'add' : 'remove']('emergency-on');
      }
    });
  }

  /* Number and link: one tap to copy, where the browser lets us. */
  function copyLine(line) {
    var button = line.querySelector('button'), text = line.querySelector('output'), done = line.querySelector('[role=status]');
    button.hidden = false;
    button.addEventListener('click', function () {
      copy(text).then(function () { done.textContent = say(line, 'done'); }, function () { done.textContent = say(line, 'failed'); });
    });
  }
  function copy(element) {
    if (win.navigator.clipboard && win.isSecureContext) { return win.navigator.clipboard.writeText(element.textContent.trim()); }
    var range = doc.createRange(), selection = win.getSelection();
    range.selectNodeContents(element);
    selection.removeAllRanges();
    selection.addRange(range);
    return doc.execCommand('copy') ? Promise.resolve() : Promise.reject();
  }

  if (!win.Promise || !win.URL || !Array.from || !doc.documentElement.classList) { return; }
  doc.documentElement.classList.add('enhanced');
  all('[data-photos]').forEach(photoBox);
  doc.addEventListener('added', function (event) { all('[data-photos]', event.target).forEach(photoBox); });
  all('textarea[data-count]').forEach(countWords);
  all('[data-emergency]').forEach(watchUrgent);
  if (win.fetch && win.FormData) { all('[data-similar]').forEach(watchSimilar); }
  all('[data-copy]').forEach(copyLine);
  all('[data-seen]').forEach(tellSeen);
  all('form[method=post]').forEach(guardForm);
  focusSummary();
}(window, document));
