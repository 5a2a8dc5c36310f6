/** Scene 4: four samplers race on the same clock, and two coupled chains merge. */
import type { LaterActions } from '../actions.js';
import { button, figures, keys, scene, trouble } from '../controls.js';
import { ends } from '../line.js';
import { axes, endsOf, framed, line, linear, logarithmic, picture, told, type Frame } from '../plot.js';
import type { PairSeen, RaceNews, Racer } from '../protocol.js';
import type { State } from '../state.js';
import { h, type Drawn } from '../view.js';

/** Seconds that each sampler has. */
export const raceSeconds = 2;

/** The samplers, in the order in which they run. */
const racers: readonly (readonly [Racer, string])[] = [
  ['greedy', 'greedy'],
  ['stochasticBatchBald', 'stochastic BatchBALD'],
  ['gibbs', 'Gibbs'],
  ['gflownet', 'GFlowNet'],
];

/** When a sampler was ready to draw, where it had to learn first. */
const readyAt = (frame: Frame, at: number): readonly Drawn[] => [
  h('line', { key: 'ready', class: 'exact', x1: at, x2: at, y1: frame.top, y2: frame.bottom }),
  h(
    'text',
    { key: 'readyw', class: 'word', x: at - 4, y: frame.bottom - 6, 'text-anchor': 'end' },
    'GFlowNet is trained',
  ),
];

const tracks = ({ race, width }: State): Drawn => {
  const frame = framed(width, 260);
  const points = race.points.filter(({ draws }) => draws > 0);
  const { trained = 0 } = points.findLast((point) => point.racer === 'gflownet') ?? {};
  const [low, high] = endsOf(points.flatMap(({ variation, floor }) => [variation, floor]));
  const [first, last] = endsOf(points.map(({ seconds }) => seconds));
  const x = logarithmic([Math.max(1e-3, first), Math.max(1, last)], [frame.left, frame.right]);
  const y = logarithmic([Math.max(1e-3, low / 1.3), Math.max(1, high) * 1.8], [frame.bottom, frame.top]);
  const own = (racer: Racer) => points.filter((point) => point.racer === racer);
  return picture(
    frame,
    'Total variation of the drawn batches from the target by seconds, for four samplers',
    [
      ...axes(frame, x, y, { x: 'seconds of each', y: 'total variation of draws so far' }),
      ...(trained > 0 ? readyAt(frame, x.at(trained)) : []),
      ...racers.flatMap(([racer]) => {
        const path = own(racer);
        const end = path.at(-1);
        if (end === undefined) return [];
        const at = [x.at(end.seconds), y.at(end.variation)] as const;
        return [
          h('path', {
            ...{ key: `f${racer}`, class: 'floor' },
            d:
              racer === 'gibbs' || racer === 'gflownet'
                ? line(path.map(({ seconds, floor }) => [x.at(seconds), y.at(floor)]))
                : '',
          }),
          h('path', {
            ...{ key: racer, class: `curve ${racer}` },
            d: line(path.map(({ seconds, variation }) => [x.at(seconds), y.at(variation)])),
          }),
          h('circle', { key: `c${racer}`, class: `end ${racer}`, cx: at[0], cy: at[1], r: 4 }),
        ];
      }),
    ],
  );
};

/** The two chains, an update a row: where both have a point there is one dot. */
const pairPicture = ({ settings, width }: State, { path, met }: PairSeen): Drawn => {
  const shown = path.slice(0, 40);
  const row = 9;
  const frame = { ...framed(width, 40 + row * shown.length), left: 14 };
  const x = linear(ends, [frame.left, frame.right]);
  const at = (n: number): number => x.at(settings.pool[n] ?? 0);
  return picture(
    frame,
    met === undefined
      ? `Two coupled Gibbs chains, which had not met after ${path.length - 1} updates`
      : `Two coupled Gibbs chains, which met after ${met} updates`,
    [
      ...shown.flatMap((batches, step) => {
        const y = 12 + row * step;
        return [
          ...batches.x.map((n) =>
            h('circle', {
              key: `x${step}.${n}`,
              class: batches.y.includes(n) ? 'both' : 'first',
              cx: at(n),
              cy: y,
              r: 3.5,
            }),
          ),
          ...batches.y
            .filter((n) => !batches.x.includes(n))
            .map((n) => h('circle', { key: `y${step}.${n}`, class: 'second', cx: at(n), cy: y, r: 3.5 })),
        ];
      }),
      h(
        'text',
        { key: 'w', class: 'word', x: frame.right, y: frame.height - 8, 'text-anchor': 'end' },
        met === undefined ? `not met in ${path.length - 1} updates` : `met after ${met} updates, downwards`,
      ),
    ],
  );
};

/** Where a sampler stands, in words. */
const standing = (points: readonly RaceNews[]): string => {
  const last = points.at(-1);
  if (last === undefined) return '–';
  const first = points.find(({ draws }) => draws > 0);
  if (first === undefined) return `trains for ${told(last.seconds)} s so far`;
  const drawn = `${told(last.variation)} by ${last.draws} draws`;
  if (last.trained === 0) return drawn;
  const late = first.seconds < raceSeconds ? '' : `, none of them within ${raceSeconds} s`;
  return `${drawn} after ${told(last.trained)} s of training${late}`;
};

/** The scene. */
export const raceScene = (state: State, { startRace }: LaterActions): Drawn => {
  const { race, failures } = state;
  return scene(
    'race',
    '4 · Four samplers race',
    [
      h(
        'div',
        { class: 'controls' },
        button('start-race', race.running ? 'Racing …' : 'Start the race', startRace, race.running),
      ),
      tracks(state),
      keys(racers),
      figures(
        racers.map(
          ([racer, words]) =>
            [`race-${racer}`, words, standing(race.points.filter((point) => point.racer === racer))] as const,
        ),
      ),
      race.pair === undefined ? undefined : pairPicture(state, race.pair),
      trouble(failures.race),
    ],
    [
      `Each sampler draws batches for ${raceSeconds} seconds of its own clock, and its line is how far the frequencies of its draws so far are from the target; dotted is what draws of the target itself would have, so many of them.`,
      'Greedy has one batch, stochastic BatchBALD is quick and stays away from the target, Gibbs chains come near; the GFlowNet is trained first, by the steps of scene 5 and on its clock: its line begins there, with one piece of draws at least.',
      'Below, two Gibbs chains are updated together from different batches (a colour each) until they are one: when pairs meet is what certifies the draws.',
    ],
  );
};
