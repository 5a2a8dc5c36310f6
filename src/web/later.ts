/** The scenes that are loaded after the page is seen: the race, learning round by round, and the reader's own table. */
import type { LaterActions } from './actions.js';
import { actions as labelling, asking, client, unchosen } from './carry.js';
import { byParts } from './memory.js';
import { raceScene } from './scenes/race.js';
import { grid } from './scenes/posterior.js';
import { roundsScene } from './scenes/rounds.js';
import { tableScene } from './scenes/table.js';
import { problemIn, roundsIn, trainingIn, unlearned, unraced, type State } from './state.js';
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
    ({ table }) => [table?.bytes],
    async () => {
      const head = await client.ask('head', { name, bytes });
      const { table } = now();
      const target = head.candidates.length === 1 ? head.candidates[0] : undefined;
      return { table: table && { ...table, head, target } };
    },
    {},
  );
};

const chooseRows = async (): Promise<void> => {
  const { table, settings } = now();
  if (table === undefined) return;
  const { name, bytes, target, batchSize, seed } = table;
  change({ table: { ...unchosen(table), busy: true } });
  await asking(
    'table',
    (state) => [
      ...[state.table?.bytes, state.table?.target, state.table?.batchSize, state.table?.seed],
      state.settings.engine,
    ],
    async () => {
      const batch = await client.ask('table', {
        name,
        bytes,
        target,
        batchSize,
        seed,
        engine: settings.engine,
      });
      const download = URL.createObjectURL(new Blob([batch.csv], { type: 'text/csv' }));
      const { table: present } = now();
      return {
        table: present && { ...present, batch, download },
        said: `The batch is chosen: lines ${batch.rows.join(', ')}.`,
      };
    },
    {},
  );
  setTable({ busy: false });
};

/** Seconds that each sampler has. */
const raceSeconds = 2;

/** Work that begins when what was asked before has ended: its news would be taken for the new one's. */
const oneByOne = (): ((work: () => Promise<void>) => void) => {
  let before = Promise.resolve();
  return (work) => {
    before = before.then(work);
  };
};

const [races, roundsOfAll] = [oneByOne(), oneByOne()];

const race = async (): Promise<void> => {
  const { settings, race: asked } = now();
  // Settings have changed since.
  if (!asked.running) return;
  change({ race: { ...unraced, running: true, heard: true } });
  await asking(
    'race',
    (state) => [problemIn(state.settings), trainingIn(state.settings), state.settings.engine],
    async () => {
      const what = { problem: problemIn(settings), training: trainingIn(settings), engine: settings.engine };
      const pair = await client.ask('race', { ...what, seconds: raceSeconds });
      return { race: { ...now().race, running: false, pair }, said: 'The race is over.' };
    },
    { race: unraced },
  );
};

const learn = async (): Promise<void> => {
  const { settings, rounds } = now();
  if (!rounds.running) return;
  change({ rounds: { ...unlearned, running: true, heard: true } });
  await asking(
    'rounds',
    (state) => [roundsIn(state.settings), state.rounds.heard],
    async () => {
      const { engine } = settings;
      await client.ask('rounds', { problem: problemIn(settings), engine, grid, rounds: 5, repeats: 3 });
      return { rounds: { ...now().rounds, running: false }, said: 'All strategies have learned.' };
    },
    { rounds: unlearned },
  );
};

const actions: LaterActions = {
  setTable: (part) => {
    const { table } = now();
    if (table !== undefined) change({ table: { ...unchosen(table), ...part } });
  },
  startRace: () => {
    change({ race: { ...unraced, running: true } });
    races(race);
  },
  startRounds: () => {
    change({ rounds: { ...unlearned, running: true } });
    roundsOfAll(learn);
  },
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
