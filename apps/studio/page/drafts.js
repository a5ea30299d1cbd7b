// Drafts: while one chooses, a small dream of the choice is shown on the stage after a moment's rest. It is not kept.
import { post } from './api.js';
import { rested } from './dom.js';
import { jobRequest, value } from './draft.js';
import { hear, setPlace, store, tell } from './store.js';

const restMs = 150;
const side = 384;

/** The draft on the stage. @type {{job: string, url: string, width: number, height: number}|null} */
let shown = null;
let asked = '';

/** What the stage shows of a draft, if anything. */
export const draftShown = () => shown;

/** Whether drafts are dreamed at all. */
export const draftsAreOn = () => store.place.drafts !== false;

/** @param {boolean} on */
export function switchDrafts(on) {
  setPlace({ drafts: on ? null : false });
  if (!on) clearDraft();
}

/** Takes the draft off the stage. */
export function clearDraft() {
  asked = '';
  if (!shown) return;
  shown = null;
  tell('preview', {});
}

/** @param {AbortSignal} signal */
export function dreamDrafts(signal) {
  const dream = rested(async () => {
    if (signal.aborted || !draftsAreOn() || !store.place.source || store.place.following) return;
    const chosen = Number.parseInt(value('size'), 10) || Infinity;
    const own = Math.max(store.source?.width ?? side, store.source?.height ?? side);
    const request = jobRequest({
      class: 'draft',
      recipe: { size: String(Math.min(side, chosen, own)) },
    });
    try {
      asked = (await post('/jobs', request)).id;
    } catch {
      asked = ''; // why it cannot be dreamed is told when it shall be
    }
  }, restMs);
  hear(['chosen'], signal, dream);
  hear(['preview'], signal, data => {
    if (!data.job || data.job !== asked || store.place.following) return;
    shown = { job: data.job, url: data.url, width: data.width, height: data.height };
  });
  // A draft is of what was open when it was asked for
  hear(['dream'], signal, clearDraft);
  signal.addEventListener('abort', clearDraft);
}
