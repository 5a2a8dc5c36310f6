/**
 * The page: one state (store.ts), a picture made from it (scenes/), and what changes it (carry.ts). Nothing is computed here that a scene
 * shows as exact; the worker does that with the library, and nothing leaves the page.
 */
import type { Actions } from './actions.js';
import { settingsFrom } from './address.js';
import { actions, lookAgain, take } from './carry.js';
import { choice } from './controls.js';
import { byParts, frameBegins, somethingWaits } from './memory.js';
import { posteriorScene } from './scenes/posterior.js';
import { roundsScene } from './scenes/rounds.js';
import { targetScene } from './scenes/target.js';
import { trainingScene } from './scenes/training.js';
import { worthScene } from './scenes/worth.js';
import type { later as Later } from './later.js';
import type { State } from './state.js';
import { change, drawnBy, now } from './store.js';
import { h, patch, type Shown } from './view.js';

const root = document.querySelector('#page') ?? document.body;

/** The width that pictures have. */
const widthNow = (): number => {
  const seen = root.querySelector('.seen')?.clientWidth ?? 0;
  return Math.max(240, Math.round(seen > 0 ? seen : Math.min(760, root.clientWidth - 32)));
};

let later: typeof Later | undefined;

/** In the place of a scene that is not there yet. */
const waiting = (id: string, title: string): Shown =>
  h('section', { id, class: 'scene', key: id }, h('h2', {}, title), h('p', { class: 'seen' }, 'Loading …'));

const header = ({ settings }: State, { set }: Actions): Shown =>
  h(
    'header',
    { class: 'top', key: 'top' },
    h('h1', {}, 'batchgfn, in this page'),
    h(
      'div',
      { class: 'controls' },
      choice(
        'engine',
        'Engine',
        [
          ['auto', 'WebGPU, else the CPU'],
          ['webgpu', 'WebGPU'],
          ['cpu', 'CPU, in a worker'],
        ],
        settings.engine,
        (engine) => set({ engine }),
      ),
      choice(
        'theme',
        'Colours',
        [
          ['auto', 'as the system'],
          ['light', 'light'],
          ['dark', 'dark'],
        ],
        settings.theme,
        (theme) => set({ theme }),
      ),
    ),
  );

const posterior = byParts(
  ({ settings: { labelled, pool, batch, kernel, lengthScale, noise }, view, width, failures }: State) => [
    ...[labelled, pool, batch, kernel, lengthScale, noise, view, width, failures.view],
  ],
  (state) => posteriorScene(state, actions),
);

const worth = byParts(
  ({ settings: { pool, batch, noise, batchSize }, view, greedy, width }: State) => [
    ...[pool, batch, noise, batchSize, view, greedy, width],
  ],
  (state) => worthScene(state, actions),
);

const target = byParts(
  ({
    settings: { pool, batch, temperature, batchSize },
    view,
    drawnTarget,
    drawing,
    width,
    failures,
  }: State) => [...[pool, batch, temperature, batchSize, view, drawnTarget, drawing, width, failures.target]],
  (state) => targetScene(state, actions),
);

const training = byParts(
  ({ settings, training: seen, view, drawnTarget, pretrained, width, failures }: State) => [
    ...[settings.pool, settings.batchSize, settings.policy, settings.objective, settings.iterations],
    ...[settings.teacher, seen, view?.target, drawnTarget, pretrained, width],
    ...[failures.training, failures.pretrained],
  ],
  (state) => trainingScene(state, actions),
);

const rounds = byParts(
  ({ rounds: seen, settings, greedy, own, training: { measured }, width, failures }: State) => [
    ...[seen, settings.labelled, settings.batch, greedy, own, measured?.best.batch, width, failures.rounds],
  ],
  (state) => roundsScene(state, actions),
);

interface Scene {
  readonly name: string;
  readonly title: string;
  /** Undefined where it is not loaded yet. */
  readonly draw: (state: State) => Shown | undefined;
}

const scenes: readonly Scene[] = [
  { name: 'posterior', title: '1 · Posterior', draw: posterior },
  { name: 'worth', title: '2 · What a batch is worth', draw: worth },
  { name: 'target', title: '3 · The target', draw: target },
  { name: 'race', title: '4 · Four samplers race', draw: (state) => later?.race(state) },
  { name: 'training', title: '5 · Training', draw: training },
  { name: 'rounds', title: '6 · Active learning', draw: rounds },
  { name: 'table', title: '7 · Your data', draw: (state) => later?.table(state) },
];

/** How many scenes are drawn by now: at first one more a frame, so that none of them is late. */
let drawn = 1;

const page = (state: State): readonly Shown[] => [
  header(state, actions),
  h(
    'main',
    { key: 'main' },
    h(
      'p',
      { class: 'lead' },
      'Which points should be labelled next? A generative flow network (GFlowNet) learns here, in your browser, to draw batches as often as they are worth it, and beside it stands what is exact. Nothing is sent anywhere; the address holds all that you set, so a picture can be sent to someone.',
    ),
    scenes.map(({ name, title, draw }, i) =>
      i < drawn ? (draw(state) ?? waiting(name, title)) : waiting(name, title),
    ),
  ),
  h(
    'p',
    { key: 'said', class: state.refused ? 'said refused' : 'said', role: 'status', 'aria-live': 'polite' },
    state.said,
  ),
];

const measureWidth = (): void => {
  const width = widthNow();
  if (width !== now().width) change({ width });
};

document.documentElement.dataset['theme'] = now().settings.theme;
drawnBy((state) => {
  frameBegins();
  patch(root, page(state));
  if (drawn === scenes.length && !somethingWaits()) return;
  drawn = Math.min(drawn + 1, scenes.length);
  change({});
});
patch(root, page(now()));
measureWidth();
change({});
new ResizeObserver(measureWidth).observe(root);
addEventListener('hashchange', () => take(settingsFrom(location.hash)));
lookAgain();
// What is further down is loaded once the first picture is there.
requestAnimationFrame(() =>
  setTimeout(() => {
    void import('./later.js').then((loaded) => {
      ({ later } = loaded);
      change({});
    });
  }),
);
