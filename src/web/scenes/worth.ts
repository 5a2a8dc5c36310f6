/** Scene 2: what is a batch worth? Points are clicked into a batch; what each further one would add falls near those it holds. */
import type { Actions } from '../actions.js';
import { button, figures, scene } from '../controls.js';
import { ends } from '../line.js';
import { axes, caught, framed, linear, picture, room, told } from '../plot.js';
import type { State } from '../state.js';
import { h, type Drawn } from '../view.js';

const toggled = (batch: readonly number[], n: number): readonly number[] =>
  batch.includes(n) ? batch.filter((m) => m !== n) : [...batch, n];

const gainBars = (state: State, { set, say }: Actions): Drawn => {
  const { settings, view, width } = state;
  const frame = framed(width, 220, 34);
  const gains = view?.gains ?? new Float64Array(0);
  const known = gains.length === settings.pool.length;
  // The largest gain of any point to the empty batch stays the scale, so that bars are seen to fall.
  const highest = Math.max(
    0.1,
    1.1 * Math.max(0, ...gains),
    state.view === undefined ? 0 : Math.log1p(highestVariance(state)) / 2,
  );
  const x = linear(ends, [frame.left, frame.right]);
  const y = linear([0, highest], [frame.bottom - 22, frame.top + 12], 4);
  const rooms = room(settings.pool.map((place) => x.at(place)));
  return picture(frame, 'What each point of the pool would add to the batch, in nats', [
    ...axes(frame, x, y, { x: 'x', y: 'gain, nats' }),
    ...settings.pool.map((place, n) => {
      const chosen = settings.batch.includes(n);
      const gain = known ? Math.max(0, gains[n] ?? 0) : 0;
      const press = (): void => set({ batch: toggled(settings.batch, n) });
      return h(
        'g',
        {
          ...{ key: `g${n}`, class: chosen ? 'gain chosen' : 'gain', role: 'checkbox', tabindex: 0 },
          'aria-checked': chosen ? 'true' : 'false',
          'aria-label': `Pool point ${n + 1} at ${place}, ${chosen ? 'in the batch' : `gain ${told(gain)} nats`}`,
          onclick: press,
          onkeydown: (event: KeyboardEvent) => {
            if (event.key !== 'Enter' && event.key !== ' ') return;
            event.preventDefault();
            press();
          },
          onpointerenter: () => say(''),
        },
        h('title', {}, chosen ? 'in the batch' : `would add ${told(gain)} nats`),
        caught(rooms[n] ?? [0, 0], frame.top, frame.bottom),
        h('rect', {
          ...{ class: 'bar', x: x.at(place) - 4, width: 8 },
          ...{ y: chosen ? y.at(0) : y.at(gain), height: chosen ? 0 : Math.max(0, y.at(0) - y.at(gain)) },
        }),
        h('circle', { cx: x.at(place), cy: frame.bottom - 10, r: 6 }),
      );
    }),
  ]);
};

const highestVariance = ({ view, settings }: State): number =>
  Math.max(0, ...(view?.pool.deviation ?? [])) ** 2 / settings.noise ** 2;

/** The scene. */
export const worthScene = (state: State, actions: Actions): Drawn => {
  const { settings, view, greedy } = state;
  const { set } = actions;
  return scene(
    'worth',
    '2 · What a batch is worth',
    [
      gainBars(state, actions),
      figures([
        ['information', `${settings.batch.length} points together`, `${told(view?.information ?? 0)} nats`],
        ['greedy-information', `greedy’s ${settings.batchSize}`, `${told(greedy?.information ?? NaN)} nats`],
      ]),
      h(
        'div',
        { class: 'controls' },
        button(
          'take-best',
          'Add the best point',
          () => {
            const gains = Array.from(view?.gains ?? [], (gain, n) =>
              settings.batch.includes(n) ? -1 : gain,
            );
            const best = gains.indexOf(Math.max(...gains));
            if (best >= 0) set({ batch: [...settings.batch, best] });
          },
          settings.batch.length >= settings.pool.length,
        ),
        button('take-greedy', 'Take greedy’s batch', () => set({ batch: greedy?.indices ?? [] })),
        button('label-batch', 'Label the batch', actions.labelBatch, settings.batch.length === 0),
        button('empty-batch', 'Empty it', () => set({ batch: [] }), settings.batch.length === 0),
      ),
    ],
    [
      'Click points (or press Space on them) into a batch: its worth is the joint mutual information of its labels with the function, ½ log det(I + Φ_B Φ_Bᵀ) nats.',
      'Each bar is what a point would add to the batch as it is, and near a point that is in it the bars fall: twins count once.',
      'Greedy takes the largest bar each time, which is near the best batch but always the same one.',
    ],
  );
};
