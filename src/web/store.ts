/** The one state of the page, and how it changes: the page is drawn anew once for all changes before the next frame. */
import { settingsFrom } from './address.js';
import { unlearned, unraced, untrained, type Place, type State } from './state.js';

let state: State = {
  settings: settingsFrom(location.hash),
  ...{
    view: undefined,
    greedy: undefined,
    drawnTarget: undefined,
    drawing: false,
    training: untrained,
    pretrained: undefined,
  },
  ...{ race: unraced, rounds: unlearned, own: [] },
  ...{ table: undefined, failures: {}, said: '', refused: false, width: 640 },
};

let draw: (state: State) => void = () => undefined;
let asked = false;

/** The state as it is. */
export const now = (): State => state;

/** Says who draws it. */
export const drawnBy = (own: typeof draw): void => {
  draw = own;
};

/** Changes a part of it. */
export const change = (part: Partial<State>): void => {
  state = { ...state, ...part };
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw(state);
  });
};

/** Milliseconds that what is told often may wait. */
const patience = 100;

let waits = false;

/** The same of what is told often: it is drawn with the next change, or a little later. */
export const changeSoon = (part: Partial<State>): void => {
  state = { ...state, ...part };
  if (waits) return;
  waits = true;
  setTimeout(() => {
    waits = false;
    change({});
  }, patience);
};

/** Says what went wrong in a place. */
export const failed = (place: Place, error: unknown): void =>
  change({
    failures: { ...state.failures, [place]: error instanceof Error ? error.message : String(error) },
  });

/** Nothing is wrong in a place any more. */
export const mended = (place: Place): void => {
  if (place in state.failures)
    change({ failures: Object.fromEntries(Object.entries(state.failures).filter(([own]) => own !== place)) });
};
