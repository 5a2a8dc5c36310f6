/** Which commands are there? A new one is a file beside this one and an entry here. */
import { bench } from './bench.js';
import { demo } from './demo.js';
import { devices } from './devices.js';
import { merge } from './merge.js';
import { report } from './report.js';
import { run } from './run.js';
import { select } from './select.js';
import { verify } from './verify.js';

/** The commands by name, in the order of the help. */
export const commands = { select, demo, run, merge, report, verify, bench, devices };
