// Draw boxes freely over a photo, by mouse, pen or finger. The numbered cells do the same without any of that, and stay.
// What is drawn stands in the form as text, in thousandths of the photo: left,top,width,height;…
const WHOLE = 1000;
const SMALLEST = 8;
const SVG = 'http://www.w3.org/2000/svg';

export function mask(holder) {
  const { photo, draw, cells, drop, none, how } = holder.dataset;
  const field = holder.querySelector('input[type=hidden]');
  const drawing = holder.querySelector('.mask-boxes');
  const grid = holder.querySelector('.mask-grid');
  const masked = holder.closest('fieldset').querySelector('input[value=masked]');
  let boxes = field.value ? field.value.split(';').map((text) => text.split(',').map(Number)) : [];
  let started = null;

  const sheet = made('div', 'mask-sheet');
  const list = made('ul', 'mask-list');
  const told = made('p', 'hint');
  const tools = made('div', 'mask-tools');
  const drawn = button(draw), ticked = button(cells);
  tools.append(ticked, drawn);
  told.setAttribute('role', 'status');
  holder.prepend(tools);
  holder.append(told, list);
  grid.after(sheet);
  holder.closest('details').querySelectorAll('.mask-drop').forEach((line) => line.remove());

  drawn.addEventListener('click', () => choose(true));
  ticked.addEventListener('click', () => choose(false));
  grid.addEventListener('change', ({ target }) => { if (target.checked) masked.checked = true; });
  sheet.addEventListener('pointerdown', (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    started = place(event);
  });
  sheet.addEventListener('pointermove', (event) => { if (started) show(between(started, place(event))); });
  sheet.addEventListener('pointercancel', () => { started = null; show(); });
  sheet.addEventListener('pointerup', (event) => {
    if (!started) return;
    const box = between(started, place(event));
    started = null;
    if (box[2] >= SMALLEST && box[3] >= SMALLEST) {
      boxes.push(box);
      masked.checked = true;
    }
    keep();
  });

  function choose(isDrawing) {
    sheet.hidden = !isDrawing;
    holder.classList.toggle('mask-drawing', isDrawing);
    drawn.setAttribute('aria-pressed', isDrawing);
    ticked.setAttribute('aria-pressed', !isDrawing);
    tell();
  }

  // Where the pointer is, in thousandths, never outside the photo.
  function place({ clientX, clientY }) {
    const edge = sheet.getBoundingClientRect();
    const within = (length, whole) => Math.min(WHOLE, Math.max(0, Math.round((length / whole) * WHOLE)));
    return [within(clientX - edge.left, edge.width), within(clientY - edge.top, edge.height)];
  }

  function between([x, y], [toX, toY]) {
    return [Math.min(x, toX), Math.min(y, toY), Math.abs(x - toX), Math.abs(y - toY)];
  }

  function keep() {
    field.value = boxes.map((box) => box.join(',')).join(';');
    show();
    list.replaceChildren(...boxes.map((_, index) => {
      const line = made('li'), off = button(drop.replace('{n}', index + 1));
      off.addEventListener('click', () => {
        boxes = boxes.filter((_each, other) => other !== index);
        keep();
        (list.querySelector('button') || drawn).focus();
      });
      line.append(off);
      return line;
    }));
    tell();
  }

  function show(unfinished) {
    drawing.replaceChildren(...[...boxes, ...(unfinished ? [unfinished] : [])].map(([x, y, width, height]) => {
      const rect = document.createElementNS(SVG, 'rect');
      Object.entries({ x, y, width, height }).forEach(([name, value]) => rect.setAttribute(name, value));
      return rect;
    }));
  }

  function tell() {
    const words = sheet.hidden ? '' : boxes.length ? how : none;
    if (told.textContent !== words) told.textContent = words;
  }

  sheet.id = `sheet-${photo}`;
  keep();
  choose(boxes.length > 0);
}

function made(tag, name = '') {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}

function button(words) {
  const element = made('button', 'button button-quiet');
  element.type = 'button';
  element.textContent = words;
  return element;
}
