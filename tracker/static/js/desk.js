// Staff pages: attach each behaviour to the elements that ask for it by data-enhance="name …".
// The pages are complete without it; a behaviour that fails must not take the others with it.
// What every form needs (sending once, photos, counting, copying) is report.js, loaded beside this.
import { liveQueue } from './live_queue.js';
import { mask } from './mask.js';
import { choices, preview } from './preview.js';

const BEHAVIOURS = { 'live-queue': liveQueue, 'mask': mask, 'preview': preview, 'choices': choices };

for (const element of document.querySelectorAll('[data-enhance]')) {
  for (const name of element.dataset.enhance.split(' ')) {
    try {
      BEHAVIOURS[name](element);
    } catch (error) {
      console.error(`data-enhance="${name}"`, error);
    }
  }
}
