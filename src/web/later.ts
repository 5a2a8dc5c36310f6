/** The scenes that are loaded after the page is seen: the race, and the reader's own table. */
import type { LaterActions } from './actions.js';
import { again, asking, client, unchosen } from './carry.js';
import { byParts } from './memory.js';
import { raceScene, raceSeconds } from './scenes/race.js';
import { tableScene } from './scenes/table.js';
import { problemIn, trainingIn, type State, type TableSeen } from './state.js';
import { change, failed, mended, now } from './store.js';

const setTable: LaterActions['setTable'] = (part) => {
  const { table } = now();
  if (table !== undefined) change({ table: { ...table, ...part } });
};

/** The bytes of a file; none, and said, where they cannot be had: of a folder, or of what is there no more. */
const bytesOf = async (file: File): Promise<Uint8Array | undefined> => {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    failed(
      'table',
      `${file.name}: it cannot be read (${error instanceof Error ? error.message : String(error)}).`,
    );
    return undefined;
  }
};

const open = async (file: File): Promise<void> => {
  const { name } = file;
  const bytes = await bytesOf(file);
  if (bytes === undefined) return;
  const { batchSize = 10, seed = 0, task = 'regression', missing = 'error' } = now().table ?? {};
  const unread = { head: undefined, target: undefined, batch: undefined, download: undefined };
  change({ table: { ...unread, ...{ name, bytes, busy: false, drop: [], batchSize, seed, task, missing } } });
  await asking(
    'table',
    ({ table }) => [table?.bytes],
    async () => {
      const head = await client.ask('head', { name, bytes });
      const { table } = now();
      const target = head.candidates.length === 1 ? head.candidates[0] : undefined;
      return { table: table && { ...table, head, target } };
    },
    () => ({}),
  );
};

/** What of a table is asked of the worker. */
const requestOf = ({ name, bytes, target, task, drop, missing, batchSize, seed }: TableSeen) => ({
  ...{ name, bytes, target, task, drop, missing, batchSize, seed },
});

const chooseRows = async (): Promise<void> => {
  const { table, settings } = now();
  if (table === undefined) return;
  const asked = requestOf(table);
  change({ table: { ...unchosen(table), busy: true } });
  await asking(
    'table',
    (state) => [
      ...(state.table === undefined ? [] : Object.values(requestOf(state.table))),
      state.settings.engine,
    ],
    async () => {
      const batch = await client.ask('table', { ...asked, engine: settings.engine });
      const download = URL.createObjectURL(new Blob([batch.text], { type: 'text/csv' }));
      const { table: present } = now();
      return {
        table: present && { ...present, batch, download },
        said: `The batch is chosen: lines ${batch.rows.join(', ')}.`,
      };
    },
    () => ({}),
  );
  setTable({ busy: false });
};

const race = (): Promise<void> =>
  again('race', async (settings, run) => {
    const what = { problem: problemIn(settings), training: trainingIn(settings), engine: settings.engine };
    const pair = await client.ask('race', { ...what, run, seconds: raceSeconds });
    return { race: { ...now().race, running: false, pair }, said: 'The race is over.' };
  });

const actions: LaterActions = {
  setTable: (part) => {
    const { table } = now();
    mended('table');
    if (table !== undefined) change({ table: { ...unchosen(table), ...part } });
  },
  startRace: () => void race(),
  open: (file) => void open(file),
  chooseRows: () => void chooseRows(),
};

/** The scenes, by what they are. */
export const later = {
  race: byParts(
    ({ race, settings: { pool }, width, failures }: State) => [race, pool, width, failures.race],
    (state) => raceScene(state, actions),
  ),
  table: byParts(
    ({ table, settings: { engine }, failures }: State) => [table, engine, failures.table],
    (state) => tableScene(state, actions),
  ),
};
