/** Scene 1: a Gaussian process on a line. Points are dragged, added, removed and labelled; mean, band and pool follow. */
import type { Actions } from '../actions.js';
import { ranges } from '../address.js';
import { choice, scene, slider, trouble, button } from '../controls.js';
import { ends, truth } from '../line.js';
import {
  axes,
  caught,
  caughtAt,
  framed,
  line,
  linear,
  picture,
  room,
  type Frame,
  type Scale,
} from '../plot.js';
import type { State } from '../state.js';
import { h, type Drawn } from '../view.js';

const heights: readonly [number, number] = [-3, 3];

/** Places along the line at which the posterior is drawn. */
export const grid: readonly number[] = Array.from(
  { length: 121 },
  (_, i) => ends[0] + ((ends[1] - ends[0]) * i) / 120,
);

interface Scales {
  readonly frame: Frame;
  readonly x: Scale;
  readonly y: Scale;
}

const scalesOf = (width: number): Scales => {
  const frame = framed(width, Math.max(240, Math.min(340, width * 0.55)), 34);
  return {
    frame,
    x: linear(ends, [frame.left, frame.right]),
    y: linear(heights, [frame.bottom - 22, frame.top]),
  };
};

const bandPath = ({ x, y }: Scales, mean: Float64Array, deviation: Float64Array): string => {
  const edge = (sign: number): readonly (readonly [number, number])[] =>
    grid.map((place, i) => [x.at(place), y.at((mean[i] ?? 0) + sign * 2 * (deviation[i] ?? 0))]);
  return `${line([...edge(1), ...edge(-1).toReversed()])}z`;
};

const rounded = (value: number): number => Math.round(100 * value) / 100;

const clamped = (value: number, [low, high]: readonly [number, number]): number =>
  rounded(Math.min(high, Math.max(low, value)));

/** Where a pointer is, in pixels of the picture. */
const pointerIn = (event: PointerEvent | MouseEvent): readonly [number, number] => {
  const box = (
    (event.currentTarget as Element).closest('svg') ?? (event.currentTarget as Element)
  ).getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

/** Listeners of a point that is dragged, or moved by keys. */
const movable = (
  move: (event: PointerEvent) => void,
  keys: Readonly<Record<string, (step: number) => void>>,
): Drawn['attributes'] => ({
  onpointerdown: (event: PointerEvent) => {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    event.stopPropagation();
  },
  onpointermove: (event: PointerEvent) => {
    if ((event.currentTarget as Element).hasPointerCapture(event.pointerId)) move(event);
  },
  onkeydown: (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act(event.shiftKey ? 0.5 : 0.05);
  },
});

const without = <A>(list: readonly A[], place: number): readonly A[] => list.filter((_, i) => i !== place);

const labelled = ({ x, y }: Scales, { settings }: State, { set, say }: Actions): readonly Drawn[] =>
  settings.labelled.map(([a, b], i) => {
    const to = (p: number, q: number): void =>
      set({ labelled: settings.labelled.with(i, [clamped(p, ends), clamped(q, heights)]) });
    const remove = (): void => {
      set({ labelled: without(settings.labelled, i) });
      say(`Label ${i + 1} is removed.`);
    };
    const attributes = {
      ...{ key: `l${i}`, class: 'labelled', tabindex: 0, role: 'button' },
      'aria-label': `Label ${i + 1}: x ${a}, y ${b}. Arrow keys move it, Delete removes it.`,
      ...movable(
        (event) => {
          const [px, py] = pointerIn(event);
          to(x.from(px), y.from(py));
        },
        {
          ArrowLeft: (step) => to(a - step, b),
          ArrowRight: (step) => to(a + step, b),
          ArrowUp: (step) => to(a, b + step),
          ArrowDown: (step) => to(a, b - step),
          Delete: remove,
          Backspace: remove,
        },
      ),
      ondblclick: remove,
    };
    return h('g', attributes, caughtAt(x.at(a), y.at(b)), h('circle', { cx: x.at(a), cy: y.at(b), r: 7 }));
  });

const pool = ({ frame, x }: Scales, { settings }: State, { set, label, say }: Actions): readonly Drawn[] => {
  const y = frame.bottom - 8;
  const rooms = room(settings.pool.map((place) => x.at(place)));
  return settings.pool.map((place, n) => {
    const to = (p: number): void => set({ pool: settings.pool.with(n, clamped(p, ends)) });
    const remove = (): void => {
      if (settings.pool.length <= 2) say('A pool has two points at least.');
      else set({ pool: without(settings.pool, n), batch: [] });
    };
    const attributes = {
      ...{ key: `p${n}`, class: settings.batch.includes(n) ? 'pool chosen' : 'pool' },
      ...{ tabindex: 0, role: 'button' },
      'aria-label': `Pool point ${n + 1} at ${place}. Enter labels it, arrow keys move it, Delete removes it.`,
      ...movable((event) => to(x.from(pointerIn(event)[0])), {
        ArrowLeft: (step) => to(place - step),
        ArrowRight: (step) => to(place + step),
        Enter: () => label(n),
        Delete: remove,
        Backspace: remove,
      }),
      ondblclick: () => label(n),
    };
    return h(
      'g',
      attributes,
      caught(rooms[n] ?? [0, 0], y - 12, y + 12),
      h('circle', { cx: x.at(place), cy: y, r: 6 }),
    );
  });
};

const drawnLine = (state: State, actions: Actions): Drawn => {
  const scales = scalesOf(state.width);
  const { frame, x, y } = scales;
  const { settings, view } = state;
  const seen = view?.grid;
  return picture(
    frame,
    `A function on a line: ${settings.labelled.length} labels, ${settings.pool.length} points in the pool, the posterior mean and two standard deviations about it`,
    [
      h('path', { key: 'band', class: 'band', d: seen ? bandPath(scales, seen.mean, seen.deviation) : '' }),
      ...axes(frame, x, y, { x: 'x', y: '' }),
      h('path', {
        key: 'truth',
        class: 'truth',
        d: line(grid.map((place) => [x.at(place), y.at(truth(place))])),
      }),
      h('path', {
        ...{ key: 'mean', class: 'mean' },
        d: seen ? line(grid.map((place, i) => [x.at(place), y.at(seen.mean[i] ?? 0)])) : '',
      }),
      ...pool(scales, state, actions),
      ...labelled(scales, state, actions),
    ],
    {
      class: 'line',
      onclick: (event: MouseEvent) => {
        if (event.target !== event.currentTarget && !(event.target as Element).matches('.band')) return;
        const [px, py] = pointerIn(event);
        if (py > frame.bottom - 18) actions.set({ pool: [...settings.pool, clamped(x.from(px), ends)] });
        else
          actions.set({
            labelled: [
              ...settings.labelled,
              [clamped(x.from(px), ends), clamped(y.from(py), heights)] as const,
            ],
          });
      },
    },
  );
};

/** The scene. */
export const posteriorScene = (state: State, actions: Actions): Drawn => {
  const { settings } = state;
  const { set } = actions;
  return scene(
    'posterior',
    '1 · Posterior',
    [
      drawnLine(state, actions),
      h(
        'div',
        { class: 'controls' },
        choice(
          'kernel',
          'Kernel',
          [
            ['matern52', 'Matérn 5/2'],
            ['rbf', 'squared exponential'],
          ],
          settings.kernel,
          (kernel) => set({ kernel }),
        ),
        slider(
          'length-scale',
          'Length-scale',
          ranges.lengthScale,
          settings.lengthScale,
          (lengthScale) => set({ lengthScale }),
          { logarithmic: true },
        ),
        slider('noise', 'Noise of a label', ranges.noise, settings.noise, (noise) => set({ noise }), {
          logarithmic: true,
        }),
        choice(
          'pool-size',
          'Pool',
          ([10, 15, 20, 30, 60] as const)
            .map((count) => [String(count), `${count} new points`] as const)
            .concat(
              [10, 15, 20, 30, 60].includes(settings.pool.length)
                ? []
                : [[String(settings.pool.length), `${settings.pool.length} points`] as never],
            ),
          String(settings.pool.length) as '10',
          (count) => actions.anotherPool(Number(count)),
        ),
        button('another-pool', 'Another pool', () => actions.anotherPool(settings.pool.length)),
        button('clear-labels', 'Clear labels', () => set({ labelled: [] }), settings.labelled.length === 0),
      ),
      trouble(state.failures.view),
    ],
    [
      'The line is what a Gaussian process expects of a function after its labels (filled dots), and the band is two standard deviations about it; the dashed line is the function itself, which the model does not know.',
      'Click in the picture to add a label, drag one to move it, double-click or press Delete to remove it; the open dots below are the pool, the points that may be labelled next.',
      'Double-click a point of the pool, or press Enter on it, to have it labelled by the function: the band closes about it.',
    ],
  );
};
