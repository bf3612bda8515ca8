// Show the words as the reporter will read them, while they are typed. The frame comes translated from the server.
export function preview(area) {
  const output = document.getElementById(area.dataset.preview);
  const { frame, empty } = output.dataset;
  const show = () => { output.textContent = frame.split('{words}').join(area.value.trim() || empty); };
  area.addEventListener('input', show);
  show();
}
