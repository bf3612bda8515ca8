/* What every page gains from script. All of them work without it; it only saves taps and waiting.
   Plain old syntax on purpose: in-app browsers on cheap phones may be years behind. */
(function (win, doc) {
  'use strict';

  var own = doc.currentScript || doc.querySelector('script[data-load-photos]');

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

  /* What a page needs only later comes after the page itself. */
  function load(name) {
    var address = own && own.getAttribute('data-load-' + name), script = doc.createElement('script');
    if (!address || doc.querySelector('script[src="' + address + '"]')) { return; }
    script.src = address;
    doc.head.appendChild(script);
  }
  function afterLoad() {
    var form = doc.querySelector('form[data-report]');
    if (doc.querySelector('[data-photos]')) { load('photos'); }
    if (kept('unsent')) { load('outbox'); }
    if (form) { soon(function () { load('outbox'); form.dispatchEvent(new win.CustomEvent('settled')); }); }
  }
  /* At the first touch, or when the first look is over: nothing of it may hold up the form. */
  var LOOK_MS = 3000;
  function soon(then) {
    var signs = ['pointerdown', 'touchstart', 'keydown', 'change'];
    var timer = win.setTimeout(once, LOOK_MS);
    function once() {
      win.clearTimeout(timer);
      signs.forEach(function (name) { doc.removeEventListener(name, once, true); });
      then();
    }
    signs.forEach(function (name) { doc.addEventListener(name, once, true); });
  }

  /* A report that left by itself and led to a receipt needs its draft no longer (report.js says which one left). */
  function forgetSent() {
    try {
      var token = win.sessionStorage.getItem('leaving');
      if (!token || win.location.pathname.slice(0, 3) !== '/t/') { return; }
      win.sessionStorage.removeItem('leaving');
      win.localStorage.removeItem('draft:' + token);
    } catch (error) { return; }   /* no storage: no draft */
  }
  function kept(name) {
    try { return win.localStorage.getItem(name); } catch (error) { return null; }
  }

  if (!win.Promise || !win.URL || !Array.from || !doc.documentElement.classList) { return; }
  doc.documentElement.classList.add('enhanced');
  all('textarea[data-count]').forEach(countWords);
  all('[data-copy]').forEach(copyLine);
  all('form[method=post]').forEach(guardForm);
  focusSummary();
  forgetSent();
  if (doc.readyState === 'complete') { afterLoad(); } else { win.addEventListener('load', afterLoad); }
}(window, document));
