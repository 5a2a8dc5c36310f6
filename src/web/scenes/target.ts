/** Scene 3: the target. The temperature leads from batches at random to the best one; all batches are listed where they can be. */
import type { Actions } from '../actions.js';
import { ranges } from '../address.js';
import { button, figures, scene, slider, trouble } from '../controls.js';
import { ends } from '../line.js';
import { axes, bars, framed, linear, picture, told } from '../plot.js';
import type { TargetView } from '../protocol.js';
import { targetOf, type State } from '../state.js';
import { h, type Drawn } from '../view.js';

const percent = (p: number): string => `${told(100 * p)}%`;

const batchBars = (state: State, { best = [], count }: TargetView, { set }: Actions): Drawn => {
  const frame = framed(state.width, 220);
  const x = linear([0, best.length], [frame.left, frame.right]);
  const highest = best[0]?.probability ?? 1;
  const y = linear([0, highest], [frame.bottom, frame.top + 14], 4);
  const wide = Math.max(
    0.5,
    (frame.right - frame.left) / Math.max(1, best.length) - (best.length < 120 ? 1 : 0),
  );
  const press = (event: MouseEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const found = best[Math.floor(x.from(event.clientX - box.left))];
    if (found !== undefined) set({ batch: found.batch });
  };
  return picture(
    frame,
    `The probability of ${best.length < count ? `the ${best.length} most probable of ` : 'all '}${count} batches, the largest ${percent(highest)}`,
    [
      ...axes(frame, undefined, y, {
        x:
          best.length < count
            ? `${best.length} most probable of ${count} batches`
            : `all ${count} batches, by probability`,
        y: 'probability',
      }),
      h('path', {
        ...{ key: 'bars', class: 'bar' },
        d: bars(
          best.map(({ probability }, i) => [x.at(i), y.at(probability)]),
          wide,
          frame.bottom,
        ),
      }),
      ...best.slice(0, 200).flatMap(({ batch }, i) =>
        batch.length === state.settings.batch.length && batch.every((n) => state.settings.batch.includes(n))
          ? [
              h('circle', {
                key: 'own',
                class: 'chosen',
                cx: x.at(i) + wide / 2,
                cy: y.at(best[i]?.probability ?? 0) - 6,
                r: 4,
              }),
            ]
          : [],
      ),
    ],
    { onclick: press },
  );
};

const inclusionBars = (state: State, target: TargetView | undefined): Drawn => {
  const { settings } = state;
  const frame = framed(state.width, 170);
  const x = linear(ends, [frame.left, frame.right]);
  const y = linear([0, 1], [frame.bottom - 8, frame.top + 12], 3);
  const inclusion =
    target?.inclusion.length === settings.pool.length
      ? target.inclusion
      : new Float64Array(settings.pool.length);
  return picture(frame, 'How often each point of the pool is in a batch of the target', [
    ...axes(frame, x, y, { x: 'x', y: 'in a batch' }),
    ...settings.pool.map((place, n) =>
      h(
        'g',
        { key: `i${n}`, class: settings.batch.includes(n) ? 'gain chosen' : 'gain' },
        h('title', {}, `point ${n + 1}: ${percent(inclusion[n] ?? 0)}`),
        h('rect', {
          class: 'bar',
          x: x.at(place) - 4,
          width: 8,
          y: y.at(inclusion[n] ?? 0),
          height: Math.max(0, y.at(0) - y.at(inclusion[n] ?? 0)),
        }),
        h('circle', { cx: x.at(place), cy: frame.bottom - 8, r: 4 }),
      ),
    ),
  ]);
};

const kinds: Readonly<Record<TargetView['by'], string>> = {
  enumeration: 'exact: all batches listed',
  kdpp: 'exact: the k-DPP at T = ½',
  gibbs: 'certified Gibbs draws',
};

const controlsOf = ({ settings }: State, actions: Actions): Drawn =>
  h(
    'div',
    { class: 'controls' },
    slider(
      'temperature',
      'Temperature T',
      ranges.temperature,
      settings.temperature,
      (temperature) => actions.set({ temperature }),
      { logarithmic: true, words: `${settings.temperature} nats` },
    ),
    slider(
      'batch-size',
      'Batch size b',
      [1, Math.min(ranges.batchSize[1], settings.pool.length)],
      settings.batchSize,
      (batchSize) => actions.set({ batchSize }),
    ),
    button('half', 'T = ½', () => actions.set({ temperature: 0.5 })),
  );

/** The scene. */
export const targetScene = (state: State, actions: Actions): Drawn => {
  const target = targetOf(state);
  return scene(
    'target',
    '3 · The target',
    [
      target?.best === undefined ? undefined : batchBars(state, target, actions),
      state.view !== undefined && state.view.target === undefined
        ? h(
            'p',
            { class: 'note', key: 'drawn' },
            'There are too many batches to list. At T = ½ the k-DPP answers exactly; at other temperatures Gibbs chains do: ',
            button(
              'draw-target',
              state.drawing ? 'Drawing …' : target === undefined ? 'Draw with Gibbs' : 'Drawn with Gibbs',
              actions.drawTarget,
              state.drawing || target !== undefined,
            ),
          )
        : undefined,
      inclusionBars(state, target),
      figures([
        ['batches', 'batches', target === undefined ? '–' : String(target.count)],
        [
          'log-z',
          'log Z',
          target === undefined
            ? '–'
            : `${told(target.logZ)}${target.standardError > 0 ? ` ± ${told(target.standardError)}` : ''} nats`,
        ],
        ['known-by', 'known by', target === undefined ? '–' : kinds[target.by]],
      ]),
      controlsOf(state, actions),
      trouble(state.failures.target),
    ],
    [
      'Batches of b points are to be drawn with probability proportional to exp(U(B) / T), U their joint information.',
      'At a high T all batches are alike and the draws are random, at a low T the best batch is drawn alone as greedy would, and between them lie batches that are good and different.',
      'The bars below are how often each point is in a batch: exact wherever all batches can be listed, and at T = ½ for any pool.',
    ],
  );
};
