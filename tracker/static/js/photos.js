/* Photos, on every page that takes some: made small on the phone while its owner goes on, thumbnails with a remove
   button, several picks add up, limits are named before sending. Without this the plain field sends them as they are. */
(function (win, doc) {
  'use strict';

  var LONGEST_PX = 1600, QUALITY = 0.75, MB = 1024 * 1024;
  /* Older browsers draw a picture as it lies in the file: there the server turns it, so it is sent as it is. */
  var TURNS = win.CSS && win.CSS.supports && win.CSS.supports('image-orientation', 'from-image');
  var turn = Promise.resolve();   /* one picture after the other: a large one takes a lot of a small phone's memory */

  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  function say(box, name, n) { return (box.getAttribute('data-' + name) || '').replace('{n}', n); }
  function canSetFiles() {
    try { return new win.DataTransfer().files.length === 0; } catch (error) { return false; }
  }

  /* Drawn anew: upright, at most 1600 px, never larger than it was, and without where and by whom it was taken.
     What the browser cannot draw (HEIC on some phones) is sent as it is. */
  function small(file) {
    if (!TURNS || file.type === 'image/svg+xml' || file.isSmall) { return Promise.resolve(file); }
    return drawable(file).then(function (picture) {
      var wide = picture.naturalWidth || picture.width, high = picture.naturalHeight || picture.height;
      var scale = Math.min(1, LONGEST_PX / Math.max(wide, high)), canvas = doc.createElement('canvas'), brush;
      canvas.width = Math.max(1, Math.round(wide * scale));
      canvas.height = Math.max(1, Math.round(high * scale));
      brush = canvas.getContext('2d');
      brush.fillStyle = '#fff';
      brush.fillRect(0, 0, canvas.width, canvas.height);
      brush.imageSmoothingQuality = 'high';
      brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
      if (picture.close) { picture.close(); }
      return new Promise(function (done) { canvas.toBlob(done, 'image/jpeg', QUALITY); });
    }).then(function (blob) {
      var made = new win.File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg', lastModified: file.lastModified });
      made.isSmall = true;
      return made;
    }).catch(function () { return file; });
  }
  function drawable(file) {
    if (!win.createImageBitmap) { return byElement(file); }
    return win.createImageBitmap(file, { imageOrientation: 'from-image' }).catch(function () { return byElement(file); });
  }
  function byElement(file) {
    return new Promise(function (done, failed) {
      var picture = new win.Image(), address = win.URL.createObjectURL(file);
      picture.onload = function () { done(picture); win.setTimeout(function () { win.URL.revokeObjectURL(address); }, 0); };
      picture.onerror = function () { win.URL.revokeObjectURL(address); failed(); };
      picture.src = address;
    });
  }

  /* One box of the form. chosen is the one list that everything reads. */
  function photoBox(box) {
    var input = box.querySelector('input[type=file]'), list = box.querySelector('[data-thumbs]');
    var note = box.querySelector('[data-photo-note]'), chosen = [], addresses = [], canWrite = canSetFiles();
    var most = Number(box.getAttribute('data-max'));
    if (box.photos) { return; }

    function files() { return chosen.map(function (one) { return one.file; }); }
    function isBusy() { return chosen.some(function (one) { return one.busy; }); }
    function kept() { return all('input[type=checkbox]:checked', box).length; }
    function problem() {
      var total = 0, big = false, eachMb = Number(box.getAttribute('data-max-mb')), totalMb = Number(box.getAttribute('data-total-mb'));
      chosen.forEach(function (one) {
        if (one.busy) { return; }
        total += one.file.size;
        big = big || one.file.size > eachMb * MB;
      });
      if (chosen.length + kept() > most) { return say(box, 'say-count', most); }
      if (big) { return say(box, 'say-big', eachMb); }
      return total > totalMb * MB ? say(box, 'say-total', totalMb) : '';
    }
    function write() {
      if (!canWrite) { return; }
      var carrier = new win.DataTransfer();
      files().forEach(function (file) { carrier.items.add(file); });
      input.files = carrier.files;
    }
    function add(picked) {
      picked.forEach(function (file) {
        var one = { file: file, busy: true, mark: [file.name, file.size, file.lastModified].join() };
        if (chosen.some(function (other) { return other.mark === one.mark; })) { return; }
        chosen.push(one);
        turn = turn.then(function () { return small(file); }).then(function (made) {
          one.file = made;
          one.busy = false;
          write();
          show();
          if (!isBusy()) { box.dispatchEvent(new win.CustomEvent('photos', { bubbles: true })); }
        });
      });
      write();
      show();
    }
    function thumb(one, index) {
      var item = doc.createElement('li'), picture = doc.createElement(one.busy ? 'span' : 'img'), name = say(box, 'say-photo', index + 1);
      if (one.busy) {
        picture.className = 'no-picture';
        picture.textContent = say(box, 'say-busy');
      } else {
        picture.alt = name;
        picture.width = picture.height = 104;
        picture.src = win.URL.createObjectURL(one.file);
        addresses.push(picture.src);
      }
      item.appendChild(picture);
      if (canWrite) { item.appendChild(removeButton(one, name)); }
      return item;
    }
    function removeButton(one, name) {
      var button = doc.createElement('button');
      button.type = 'button';
      button.className = 'thumb-remove';
      button.textContent = say(box, 'say-remove');
      button.setAttribute('aria-label', button.textContent + ' ' + name);
      button.addEventListener('click', function () {
        chosen.splice(chosen.indexOf(one), 1);
        write();
        show();
        input.focus();
        box.dispatchEvent(new win.CustomEvent('photos', { bubbles: true }));
      });
      return button;
    }
    function show() {
      addresses.forEach(function (address) { win.URL.revokeObjectURL(address); });
      addresses = [];
      list.textContent = '';
      chosen.forEach(function (one, index) { list.appendChild(thumb(one, index)); });
      var wrong = problem();
      note.className = wrong ? 'photo-note error' : 'photo-note soft';
      note.textContent = wrong || (chosen.length ? say(box, 'say-chosen', chosen.length) : '');
    }
    /* Android lists the camera among other things, if at all; there a button of its own opens it at once. */
    function cameraButton() {
      var pick = input.parentNode, face = pick.querySelector('.photo-face'), own = pick.cloneNode(true), camera = own.querySelector('input');
      camera.removeAttribute('name');
      camera.removeAttribute('multiple');
      camera.removeAttribute('aria-describedby');
      camera.id = input.id + '-camera';
      camera.setAttribute('capture', 'environment');
      camera.setAttribute('aria-label', say(box, 'say-camera'));
      own.querySelector('.photo-face').lastChild.textContent = say(box, 'say-camera');
      face.lastChild.textContent = say(box, 'say-album');
      camera.addEventListener('change', function () {
        add(Array.prototype.slice.call(camera.files));
        camera.value = '';
      });
      pick.parentNode.insertBefore(own, pick);
      box.classList.add('has-camera');
    }

    box.photos = {
      files: files,
      isBusy: isBusy,
      problem: problem,
      whenReady: function () { return turn; },
      give: function (given) {   /* made small before: drafts come back this way */
        chosen = given.map(function (file) { file.isSmall = true; return { file: file, busy: false, mark: file.name + file.size }; });
        write();
        show();
      }
    };
    input.addEventListener('change', function () {
      var picked = Array.prototype.slice.call(input.files);
      if (!canWrite) { chosen = []; }
      add(picked);
    });
    box.addEventListener('change', function (event) { if (event.target !== input) { show(); } });
    box.classList.add('photos-on');
    if (/Android/.test(win.navigator.userAgent) && canWrite) { cameraButton(); }
    if (input.files.length) { add(Array.prototype.slice.call(input.files)); }   /* chosen before this was here */
  }

  /* A form waits until its photos are small, and is not sent with too many: seen before any other script sees it. */
  doc.addEventListener('submit', function (event) {
    var form = event.target, boxes = all('[data-photos]', form).filter(function (box) { return box.photos; });
    var waiting = boxes.filter(function (box) { return box.photos.isBusy(); })[0];
    var wrong = boxes.filter(function (box) { return !box.photos.isBusy() && box.photos.problem(); })[0];
    var button = event.submitter || form.pressed || form.querySelector('button:not([type=button])');
    if (!waiting && !wrong) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (waiting) { waiting.photos.whenReady().then(function () { button.click(); }); } else { wrong.querySelector('input[type=file]').focus(); }
  }, true);
  doc.addEventListener('added', function (event) { all('[data-photos]', event.target).forEach(photoBox); });
  all('[data-photos]').forEach(photoBox);
}(window, document));
