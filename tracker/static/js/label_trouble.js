/* 不在这里？ Where the phone is, asked only by this button; rounded to about 100 m before it leaves the phone, and the
   server keeps no more than a coarse distance. Plain old syntax, as in report.js. */
(function (win, doc) {
  'use strict';
  var form = doc.querySelector('[data-locate]'), geo = win.navigator.geolocation;
  if (!form || !geo) { return; }
  var parts = form.querySelectorAll('[data-locate-part]'), status = form.querySelector('[data-locate-status]');
  var i;
  for (i = 0; i < parts.length; i += 1) { parts[i].hidden = false; }

  function told(spot) {
    form.elements.lat.value = spot.coords.latitude.toFixed(3);
    form.elements.lon.value = spot.coords.longitude.toFixed(3);
    form.querySelector('[name=what]').click();
  }
  function failed() { status.textContent = form.getAttribute('data-say-failed'); }
  parts[0].querySelector('button').addEventListener('click', function () {
    status.textContent = form.getAttribute('data-say-asking');
    geo.getCurrentPosition(told, failed, { enableHighAccuracy: false, timeout: 10000, maximumAge: 60000 });
  });
}(window, document));
