/** Which commands are there? A new one is a file beside this one and an entry here. */
import { ahead } from './ahead.js';
import { ask } from './ask.js';
import { bench } from './bench.js';
import { candidates } from './candidates.js';
import { completionOf } from './completion.js';
import { demo } from './demo.js';
import { devices } from './devices.js';
import { explore } from './explore.js';
import { exported } from './export.js';
import { init } from './init.js';
import { merge } from './merge.js';
import { pretrain } from './pretrain.js';
import { report } from './report.js';
import { run } from './run.js';
import { select } from './select.js';
import { serve } from './serve.js';
import { status } from './status.js';
import { tell } from './tell.js';
import { verify } from './verify.js';

const others = {
  select,
  init,
  ask,
  tell,
  ahead,
  status,
  candidates,
  export: exported,
  serve,
  demo,
  explore,
  run,
  merge,
  report,
  verify,
  pretrain,
  bench,
  devices,
};

/** The commands by name, in the order of the help. */
export const commands = { ...others, completion: completionOf(others) };
