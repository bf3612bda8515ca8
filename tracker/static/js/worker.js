/* Answers for the network when there is none: the form of a code that was opened on this phone before, and its scripts.
   Nothing else is touched: no private page, no answer to a form. Served as /sw.js with the version filled in. */
(function (self) {
  'use strict';

  var SHELF = 'SHELF', PATIENCE_MS = 10000;
  var FORM = /^\/q\/([^\/]+)$/i;

  self.addEventListener('install', function () { self.skipWaiting(); });
  self.addEventListener('activate', function (event) {
    event.waitUntil(self.caches.keys().then(function (names) {
      return Promise.all(names.filter(function (name) { return /^forms-/.test(name) && name !== SHELF; }).map(function (name) { return self.caches.delete(name); }));
    }).then(function () { return self.clients.claim(); }));
  });
  self.addEventListener('fetch', function (event) {
    var asked = event.request, url = new URL(asked.url), code = FORM.exec(url.pathname);
    if (asked.method !== 'GET' || url.origin !== self.location.origin) { return; }
    if (asked.mode === 'navigate' && code) { event.respondWith(form(asked, keyOf(code[1]))); }
    if (/^\/static\//.test(url.pathname) && url.searchParams.has('v')) { event.respondWith(script(asked)); }
  });

  /* As the server reads a code: either case, O and 0, I and L and 1 alike. */
  function keyOf(code) {
    return '/q/' + decodeURIComponent(code).toUpperCase().replace(/[^0-9A-Z]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  }
  /* The network first, and whatever it says; only where it says nothing, the page as it was kept, marked as that. */
  function form(asked, key) {
    var answer = self.fetch(asked).then(function (came) {
      if (came.status === 404 || came.status === 410) { self.caches.open(SHELF).then(function (shelf) { shelf.delete(key); }); }
      return came;
    });
    var late = new Promise(function (done) { self.setTimeout(done, PATIENCE_MS); }).then(function () { return kept(key); }).then(function (page) { return page || answer; });
    return Promise.race([answer, late]).catch(function (error) {
      return kept(key).then(function (page) {
        if (page) { return page; }
        throw error;
      });
    });
  }
  function kept(key) {
    return self.caches.open(SHELF).then(function (shelf) { return shelf.match(key); }).then(function (page) {
      return page && page.text().then(function (html) {
        var headers = new Headers(page.headers), at = Date.parse(page.headers.get('Date')) || Date.now();
        headers.delete('Content-Encoding');
        headers.delete('Content-Length');
        return new Response(html.replace('<html ', '<html data-shell="' + at + '" '), { headers: headers });
      });
    });
  }
  /* The address of a script names its content: what is kept under it is right. */
  function script(asked) {
    return self.caches.open(SHELF).then(function (shelf) { return shelf.match(asked.url); }).then(function (known) { return known || self.fetch(asked); });
  }
}(self));
