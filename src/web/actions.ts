/** What a reader can do, as the scenes ask for it: the page carries it out (page.ts). */
import type { Settings, State } from './state.js';

/** What scenes may call. */
export interface Actions {
  readonly set: (change: Partial<Settings>) => void;
  readonly label: (place: number) => void;
  readonly labelBatch: () => void;
  readonly anotherPool: (count: number) => void;
  readonly say: (sentence: string) => void;
  readonly drawTarget: () => void;
  readonly play: (steps: number | undefined) => void;
  readonly pause: () => void;
  readonly reset: () => void;
  readonly askPretrained: () => void;
  readonly startRounds: () => void;
}

/** What the scenes may call that are loaded later. */
export interface LaterActions {
  readonly open: (file: File) => void;
  readonly setTable: (change: Partial<NonNullable<State['table']>>) => void;
  readonly chooseRows: () => void;
  readonly startRace: () => void;
}
