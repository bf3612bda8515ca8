/* The puzzle of a busy hour: a number whose SHA-256 begins with zeros (tracker/domain/puzzles.py checks it).
   One file for three rooms: a page starts itself as a worker, a worker counts, a service worker may import it.
   An own SHA-256, because crypto.subtle is missing where the address is not https, and one promise a try is slow.
   Plain old syntax on purpose: in-app browsers on cheap phones may be years behind. */
(function (room) {
  'use strict';

  var doc = room.document, here = doc && doc.currentScript ? doc.currentScript.src : '';
  var ROUND_MS = 40, STILL_MS = 6000;

  /* FIPS 180-4; one block of up to 55 characters of ASCII is all that is needed. */
  var K = roots(64, 1 / 3), START = roots(8, 1 / 2);
  function roots(count, power) {
    var found = [], candidate = 2, i, prime;
    for (; found.length < count; candidate += 1) {
      prime = true;
      for (i = 2; i * i <= candidate; i += 1) { if (candidate % i === 0) { prime = false; break; } }
      if (prime) { i = Math.pow(candidate, power); found.push(((i - Math.floor(i)) * 4294967296) | 0); }
    }
    return found;
  }
  var w = typeof Int32Array === 'undefined' ? [] : new Int32Array(64);
  /* The first 32 bits of the hash; no setting asks for more zeros than that. */
  function head(text) {
    var i, n = text.length, a, b, c, d, e, f, g, h, s, t;
    for (i = 0; i < 16; i += 1) { w[i] = 0; }
    for (i = 0; i < n; i += 1) { w[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8); }
    w[n >> 2] |= 0x80 << (24 - (n % 4) * 8);
    w[15] = n * 8;
    for (i = 16; i < 64; i += 1) {
      s = w[i - 15]; t = w[i - 2];
      w[i] = (w[i - 16] + ((s >>> 7 | s << 25) ^ (s >>> 18 | s << 14) ^ s >>> 3) + w[i - 7] +
        ((t >>> 17 | t << 15) ^ (t >>> 19 | t << 13) ^ t >>> 10)) | 0;
    }
    a = START[0]; b = START[1]; c = START[2]; d = START[3]; e = START[4]; f = START[5]; g = START[6]; h = START[7];
    for (i = 0; i < 64; i += 1) {
      s = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ e & (f ^ g)) + K[i] + w[i]) | 0;
      t = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b | c & (a | b))) | 0;
      h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
    }
    return (a + START[0]) >>> 0;
  }

  /* Count for a while, let others in, go on. progress hears how many were tried, found the answer. */
  function count(nonce, bits, progress, found) {
    var number = 0, limit = Math.pow(2, 32 - bits);
    (function go() {
      var until = Date.now() + ROUND_MS, i;
      while (Date.now() < until) {
        for (i = 0; i < 500; i += 1, number += 1) {
          if (head(nonce + ':' + number) < limit) { found(String(number)); return; }
        }
      }
      progress(number);
      room.setTimeout(go, 0);
    }());
  }

  /* For pages and service workers: a promise of the answer; in a worker of its own where there is one. */
  function solve(nonce, bits, progress) {
    return new Promise(function (found) {
      var worker = null;
      function by_hand() { count(nonce, bits, progress || function () {}, found); }
      if (!here || !room.Worker) { by_hand(); return; }
      try { worker = new room.Worker(here); } catch (error) { by_hand(); return; }
      worker.onerror = function () { worker.terminate(); by_hand(); };
      worker.onmessage = function (event) {
        if (event.data.found) { worker.terminate(); found(event.data.found); }
        else if (progress) { progress(event.data.tried); }
      };
      worker.postMessage({ nonce: nonce, bits: bits });
    });
  }

  /* The page: say what happens, work it out, send. */
  function attach(box) {
    var form = box, status = box.querySelector('[role=status]'), bar = box.querySelector('progress');
    var bits = Number(box.getAttribute('data-bits')), mean = Math.pow(2, bits), button, still;
    while (form.tagName !== 'FORM') { form = form.parentNode; }
    button = box.parentNode.querySelector('button');
    box.hidden = false;
    button.hidden = true;
    box.parentNode.querySelector('[data-without-script]').hidden = true;
    still = room.setTimeout(function () { status.textContent = box.getAttribute('data-still'); }, STILL_MS);
    solve(box.getAttribute('data-puzzle'), bits, function (tried) {
      bar.value = Math.round(100 * (1 - Math.exp(-1.5 * tried / mean)));
    }).then(function (answer) {
      room.clearTimeout(still);
      bar.value = 100;
      status.textContent = box.getAttribute('data-done');
      form.querySelector('[name=answer]').value = answer;
      button.hidden = false;
      button.click();
    });
  }

  if (!room.Promise) { return; }
  room.puzzle = { solve: solve };
  if (doc) {
    Array.prototype.slice.call(doc.querySelectorAll('[data-puzzle]')).forEach(attach);
  } else if (room.postMessage && !room.registration) {
    room.onmessage = function (event) {
      count(event.data.nonce, event.data.bits, function (tried) { room.postMessage({ tried: tried }); },
        function (answer) { room.postMessage({ found: answer }); });
    };
  }
}(self));
