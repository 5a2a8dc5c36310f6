/** What a reader does is carried out here: settings are taken, the worker is asked, and what it answers is put into the state. */
import type { Actions } from './actions.js';
import { addressOf, most, sound } from './address.js';
import { clientOf, newestOf } from './client.js';
import { labelAt, poolFrom, truth } from './line.js';
import type { TrainingNews } from './protocol.js';
import { grid } from './scenes/posterior.js';
import {
  goesOn,
  problemIn,
  roundsIn,
  trainingIn,
  unlearned,
  unraced,
  untrained,
  type Place,
  type Settings,
  type State,
  type TableSeen,
  type TrainingSeen,
} from './state.js';
import { change, changeSoon, failed, mended, now } from './store.js';

/** The race and the learning that are heard of: news of one of before is none of it. */
const runs = { race: 0, rounds: 0 };

/** The worker. */
export const client = clientOf((news) => {
  if ('news' in news) hear(news.news);
  else if ('race' in news) {
    const { race } = now();
    if (news.run === runs.race) changeSoon({ race: { ...race, points: [...race.points, news.race] } });
  } else {
    const { rounds } = now();
    if (news.run === runs.rounds)
      changeSoon({ rounds: { ...rounds, points: [...rounds.points, news.round] } });
  }
});

const look = newestOf();

const errorOf = (mean: Float64Array): number =>
  Math.sqrt(grid.reduce((sum, x, i) => sum + (truth(x) - (mean[i] ?? NaN)) ** 2, 0) / grid.length);

/** The reader's own path: the last error at each number of labels, up to as many as there are now. */
const ownWith = (own: State['own'], labels: number, error: number): State['own'] => [
  ...own.filter(([count]) => count < labels),
  [labels, error],
];

/** Asks what is seen of the settings as they are. */
export const lookAgain = (): void =>
  look(async () => {
    const { settings } = now();
    try {
      const view = await client.ask('view', { problem: problemIn(settings), batch: settings.batch, grid });
      mended('view');
      change({ view, own: ownWith(now().own, settings.labelled.length, errorOf(view.grid.mean)) });
      change({ greedy: await client.ask('greedy', { problem: problemIn(settings) }) });
    } catch (error) {
      change({ view: undefined, greedy: undefined });
      failed('view', error);
    }
  });

let addressTimer = 0;

/** Writes the address, when changes have come to rest. */
const tellAddress = (): void => {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => history.replaceState(null, '', `#${addressOf(now().settings)}`), 300);
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A table whose batch is one of other settings: it is shown no more. */
export const unchosen = (table: TableSeen): TableSeen => {
  if (table.download !== undefined) URL.revokeObjectURL(table.download);
  return { ...table, batch: undefined, download: undefined };
};

/** What is at work of another question has no answer any more. */
const end = (what: 'race' | 'rounds'): void => {
  runs[what]++;
  if (now()[what].running) void client.ask('stop', what);
};

/** Takes settings: what was found for others is dropped. */
export const take = (settings: Settings): void => {
  const before = now().settings;
  const problem = !same(problemIn(before), problemIn(settings));
  const training =
    problem || before.engine !== settings.engine || !same(trainingIn(before), trainingIn(settings));
  if (training && now().training.running) void client.ask('pause', null);
  const other = !same(roundsIn(before), roundsIn(settings)) || !goesOn(before.labelled, settings.labelled);
  if (training) end('race');
  if (other) end('rounds');
  const { table, failures } = now();
  change({
    settings,
    refused: false,
    ...(other ? { rounds: unlearned, own: [] } : {}),
    ...(training
      ? {
          failures:
            failures.table === undefined || before.engine !== settings.engine
              ? {}
              : { table: failures.table },
        }
      : {}),
    ...(table !== undefined && before.engine !== settings.engine ? { table: unchosen(table) } : {}),
    ...(problem ? { drawnTarget: undefined, pretrained: undefined } : {}),
    ...(training ? { training: untrained, race: unraced } : {}),
  });
  if (problem || !same(before.batch, settings.batch)) lookAgain();
  document.documentElement.dataset['theme'] = settings.theme;
};

const set = (part: Partial<Settings>): void => {
  if (Math.max(part.pool?.length ?? 0, part.labelled?.length ?? 0) > most) {
    change({ said: `There is room for ${most} points.`, refused: true });
    return;
  }
  take(sound({ ...now().settings, ...part }));
  tellAddress();
};

/** A run of training: what is heard of another is none of it. */
let run = 0;

const grow = (size: number): void => {
  const { training } = now();
  if (training.grown >= size) return;
  change({ training: { ...training, grown: training.grown + 1 } });
  setTimeout(() => grow(size), 250);
};

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** The training with what is heard of it. */
const heard = (
  training: TrainingSeen,
  { done, running, engine, loss, elbo, measured }: TrainingNews,
): TrainingSeen => ({
  ...training,
  ...{ done: Math.max(done, training.done), running, engine },
  losses: loss === undefined || elbo === undefined ? training.losses : [...training.losses, [done, loss]],
  ...(measured === undefined
    ? {}
    : {
        measured,
        bounds: [...training.bounds, [measured.step, measured.elbo, measured.eubo] as const],
        variations:
          measured.totalVariation === undefined
            ? training.variations
            : [...training.variations, [measured.step, measured.totalVariation] as const],
        grown: calm.matches ? now().settings.batchSize : 0,
      }),
});

const hear = (news: TrainingNews): void => {
  if (news.run !== run || !now().training.running) return;
  // What is first seen of a policy is waited for.
  const isFirst = news.measured !== undefined && now().training.measured === undefined;
  (isFirst ? change : changeSoon)({ training: heard(now().training, news) });
  if (news.measured !== undefined && !calm.matches) grow(now().settings.batchSize);
};

const play = async (steps: number | undefined): Promise<void> => {
  const { settings } = now();
  run++;
  const own = run;
  const begun = now().training.done >= settings.iterations ? untrained : now().training;
  mended('training');
  change({ training: { ...begun, running: true } });
  const what = { problem: problemIn(settings), training: trainingIn(settings), engine: settings.engine };
  try {
    const news = await client.ask('train', {
      ...{ ...what, run: own, fresh: begun.done === 0 },
      ...(steps === undefined ? {} : { steps }),
    });
    if (own !== run || !now().training.running) return;
    hear(news);
    change({ training: { ...now().training, running: false }, said: `Training is at step ${news.done}.` });
  } catch (error) {
    if (own !== run) return;
    change({ training: { ...now().training, running: false } });
    failed('training', error);
  }
};

const labelAll = (places: readonly number[]): void => {
  const { labelled, pool, noise, seed } = now().settings;
  if (pool.length - places.length < 2) {
    change({ said: 'Two points stay in the pool: take another pool first.', refused: true });
    return;
  }
  const xs = places.map((n) => pool[n] ?? 0);
  set({
    labelled: [...labelled, ...xs.map((x) => [x, labelAt(x, noise, seed)] as const)],
    pool: pool.filter((_, n) => !places.includes(n)),
    batch: [],
  });
};

/** Asks for something of the state: where that is another by the time of the answer, it is no answer to what is seen. */
export const asking = async (
  place: Place,
  of: (state: State) => readonly unknown[],
  work: () => Promise<Partial<State>>,
  otherwise: () => Partial<State>,
): Promise<void> => {
  mended(place);
  const asked = of(now());
  const stands = (): boolean =>
    of(now()).every((one, i) => one === asked[i] || (!(one instanceof Uint8Array) && same(one, asked[i])));
  try {
    const answer = await work();
    change(stands() ? answer : otherwise());
  } catch (error) {
    change(otherwise());
    if (stands()) failed(place, error);
  }
};

const ofProblem = ({ settings }: State): readonly unknown[] => [problemIn(settings), settings.engine];

const none = { race: unraced, rounds: unlearned };

/** Asks for a race, or a learning, anew: its work is told the number of its run, and has no answer once there is another. */
export const again = (
  what: 'race' | 'rounds',
  work: (settings: Settings, run: number) => Promise<Partial<State>>,
): Promise<void> => {
  const { settings } = now();
  const run = ++runs[what];
  change({ [what]: { ...none[what], running: true } });
  return asking(
    what,
    () => [runs[what]],
    () => work(settings, run),
    () => (run === runs[what] ? { [what]: none[what] } : {}),
  );
};

const learn = (): Promise<void> =>
  again('rounds', async (settings, run) => {
    const { engine } = settings;
    await client.ask('rounds', { problem: problemIn(settings), engine, run, grid, rounds: 5, repeats: 3 });
    return { rounds: { ...now().rounds, running: false }, said: 'All strategies have learned.' };
  });

/** What scenes may call. */
export const actions: Actions = {
  set,
  label: (place) => labelAll([place]),
  labelBatch: () => labelAll(now().settings.batch),
  anotherPool: (count) => {
    const seed =
      count === now().settings.pool.length ? (now().settings.seed + 1) % 10_000 : now().settings.seed;
    set({ seed, pool: poolFrom(count, seed), batch: [] });
  },
  say: (said) => change({ said }),
  drawTarget: () => {
    change({ drawing: true });
    void asking(
      'target',
      ofProblem,
      async () => ({
        drawnTarget: await client.ask('target', { problem: problemIn(now().settings) }),
        drawing: false,
      }),
      () => ({ drawing: false }),
    );
  },
  play: (steps) => void play(steps),
  pause: () => void client.ask('pause', null),
  reset: () => {
    run++;
    void client.ask('pause', null);
    change({ training: untrained });
  },
  askPretrained: () => {
    const { settings } = now();
    change({ pretrained: 'asked' });
    void asking(
      'pretrained',
      ofProblem,
      async () => ({
        pretrained: await client.ask('pretrained', { problem: problemIn(settings), engine: settings.engine }),
      }),
      () => ({ pretrained: undefined }),
    );
  },
  startRounds: () => void learn(),
};
