/** How does an address tell what is set, so that a picture can be sent to someone? In its fragment, which is never sent to a server. */
import { ends, poolFrom } from './line.js';
import type { Settings } from './state.js';

/** What is seen at first. */
export const first: Settings = {
  labelled: [
    [-2.2, 1.4],
    [0.3, 0.7],
    [1.1, 1.0],
  ],
  pool: poolFrom(15, 0),
  ...{ kernel: 'matern52', lengthScale: 0.8, noise: 0.15, temperature: 0.2, batchSize: 3, seed: 0 },
  ...{ policy: 'gain', objective: 'logPartitionVariance', iterations: 300, teacher: true },
  ...{ engine: 'auto', theme: 'auto', batch: [] },
};

/** What settings of few values may be. */
export const choices = {
  kernel: ['matern52', 'rbf'],
  policy: ['gain', 'pointer', 'deepSets', 'messagePassing'],
  objective: [
    'logPartitionVariance',
    'trajectoryBalance',
    'detailedBalance',
    'subTrajectoryBalance',
    'flowMatching',
  ],
  engine: ['auto', 'cpu', 'webgpu'],
  theme: ['auto', 'light', 'dark'],
} as const;

/** What numbers may be, least and most. */
export const ranges = {
  lengthScale: [0.1, 3],
  noise: [0.02, 1],
  temperature: [0.02, 20],
  batchSize: [1, 6],
  seed: [0, 9999],
  iterations: [50, 2000],
} as const;

const whole = new Set(['batchSize', 'seed', 'iterations']);

/** Most points of the pool, and most labels. */
export const most = 60;

const within = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, value));

const numberList = (text: string): readonly number[] =>
  text
    .split(';')
    .map((word) => (word === '' ? NaN : Number(word)))
    .filter(Number.isFinite);

const pairs = (text: string): readonly (readonly [number, number])[] =>
  text.split(';').flatMap((pair): readonly (readonly [number, number])[] => {
    const [x = NaN, y = NaN] = pair.split(',').map(Number);
    return Number.isFinite(x) && Number.isFinite(y) ? [[within(x, ends), within(y, ends)]] : [];
  });

/** The fragment of settings: what differs from the first. */
export const addressOf = (settings: Settings): string => {
  const told = new URLSearchParams();
  for (const name of Object.keys(first) as (keyof Settings)[]) {
    const value = settings[name];
    const text = Array.isArray(value) ? value.join(';') : String(value);
    const usual = first[name];
    if (text !== (Array.isArray(usual) ? usual.join(';') : String(usual))) told.set(name, text);
  }
  return told.toString().replaceAll('%3B', ';').replaceAll('%2C', ',');
};

/** The settings of a fragment; what it does not tell, or not well, is as at first. `pool=60` is a pool of so many points. */
export const settingsFrom = (fragment: string): Settings => {
  const told = new URLSearchParams(fragment.replace(/^#/, ''));
  const numbers = Object.entries(ranges).flatMap(([name, range]) => {
    const value = Number(told.get(name) ?? NaN);
    return Number.isFinite(value) && told.get(name) !== ''
      ? [[name, within(whole.has(name) ? Math.round(value) : value, range)]]
      : [];
  });
  const words = Object.entries(choices).flatMap(([name, values]) => {
    const value = told.get(name) ?? '';
    return (values as readonly string[]).includes(value) ? [[name, value]] : [];
  });
  const settings: Settings = {
    ...first,
    ...(Object.fromEntries([...numbers, ...words]) as Partial<Settings>),
    ...(['true', 'false'].includes(told.get('teacher') ?? '')
      ? { teacher: told.get('teacher') === 'true' }
      : {}),
    ...(told.has('labelled') ? { labelled: pairs(told.get('labelled') ?? '').slice(0, most) } : {}),
  };
  return sound({
    ...settings,
    ...poolOf(told.get('pool') ?? '', settings.seed),
    ...batchOf(told.get('batch')),
  });
};

const poolOf = (text: string, seed: number): Partial<Settings> => {
  const numbers = numberList(text);
  const [count = 0] = numbers;
  if (numbers.length === 0 || (text.includes(';') && numbers.length < 2)) return {};
  return text.includes(';')
    ? { pool: numbers.slice(0, most).map((x) => within(x, ends)) }
    : { pool: poolFrom(within(Math.round(count), [2, most]), seed) };
};

const batchOf = (text: string | null): Partial<Settings> =>
  text === null ? {} : { batch: [...new Set(numberList(text))] };

const isIn = ({ pool }: Settings, n: number): boolean => Number.isInteger(n) && n >= 0 && n < pool.length;

/** Settings that fit each other: a batch is of points of the pool, and no larger than it. */
export const sound = (settings: Settings): Settings => ({
  ...settings,
  batchSize: Math.min(settings.batchSize, settings.pool.length),
  ...(settings.batch.every((n) => isIn(settings, n))
    ? {}
    : { batch: settings.batch.filter((n) => isIn(settings, n)) }),
});
