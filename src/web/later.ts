/** The scenes that are loaded after the page is seen: the race, learning round by round, and the reader's own table. */
import type { LaterActions } from './actions.js';
import { actions as labelling, asking, client } from './carry.js';
import { byParts } from './memory.js';
import { raceScene } from './scenes/race.js';
import { grid } from './scenes/posterior.js';
import { roundsScene } from './scenes/rounds.js';
import { tableScene } from './scenes/table.js';
import { problemIn, trainingIn, type State } from './state.js';
import { change, now } from './store.js';

const setTable: LaterActions['setTable'] = (part) => {
  const { table } = now();
  if (table !== undefined) change({ table: { ...table, ...part } });
};

const open = async (file: File): Promise<void> => {
  const { name } = file;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const fresh = {
    name,
    bytes,
    head: undefined,
    target: undefined,
    busy: false,
    batch: undefined,
    download: undefined,
  };
  change({ table: { ...fresh, batchSize: now().table?.batchSize ?? 10, seed: now().table?.seed ?? 0 } });
  await asking(
    'table',
    async () => {
      const head = await client.ask('head', { name, bytes });
      setTable({ head, target: head.candidates.length === 1 ? head.candidates[0] : undefined });
      return {};
    },
    {},
  );
};

const chooseRows = async (): Promise<void> => {
  const { table, settings } = now();
  if (table === undefined) return;
  const { name, bytes, target, batchSize, seed, download } = table;
  if (download !== undefined) URL.revokeObjectURL(download);
  setTable({ busy: true, batch: undefined, download: undefined });
  await asking(
    'table',
    async () => {
      const batch = await client.ask('table', {
        name,
        bytes,
        target,
        batchSize,
        seed,
        engine: settings.engine,
      });
      setTable({ batch, download: URL.createObjectURL(new Blob([batch.csv], { type: 'text/csv' })) });
      return { said: `The batch is chosen: lines ${batch.rows.join(', ')}.` };
    },
    {},
  );
  setTable({ busy: false });
};

/** Seconds that each sampler has. */
const raceSeconds = 2;

const startRace = (): void => {
  const { settings } = now();
  change({ race: { running: true, points: [], pair: undefined } });
  void asking(
    'race',
    async () => {
      const what = { problem: problemIn(settings), training: trainingIn(settings), engine: settings.engine };
      const pair = await client.ask('race', { ...what, seconds: raceSeconds });
      return { race: { ...now().race, running: false, pair }, said: 'The race is over.' };
    },
    { race: { running: false, points: [], pair: undefined } },
  );
};

const startRounds = (): void => {
  const { settings } = now();
  change({ rounds: { running: true, points: [] } });
  void asking(
    'rounds',
    async () => {
      const { engine } = settings;
      await client.ask('rounds', { problem: problemIn(settings), engine, grid, rounds: 5, repeats: 3 });
      return { rounds: { ...now().rounds, running: false }, said: 'All strategies have learned.' };
    },
    { rounds: { running: false, points: [] } },
  );
};

const actions: LaterActions = {
  ...{ setTable, startRace, startRounds },
  open: (file) => void open(file),
  chooseRows: () => void chooseRows(),
};

/** The scenes, by what they are. */
export const later = {
  race: byParts(
    ({ race, settings: { pool }, width, failures }: State) => [race, pool, width, failures.race],
    (state) => raceScene(state, actions),
  ),
  rounds: byParts(
    ({ rounds, settings, greedy, own, training, width, failures }: State) => [
      ...[rounds, settings.labelled, settings.batch, greedy, own, training.measured, width, failures.rounds],
    ],
    (state) => roundsScene(state, { ...actions, ...labelling }),
  ),
  table: byParts(
    ({ table, settings: { engine }, failures }: State) => [table, engine, failures.table],
    (state) => tableScene(state, actions),
  ),
};
