/** `batchgfn devices`: the engines and adapters of this machine. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { command, printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import type { Device } from '../contract.js';
import { renderJson } from '../render.js';
import { textTable } from '../text-table.js';

/** The machines that programs can run on, for people. */
const renderDevices = (devices: readonly Device[]): string =>
  textTable(
    [
      ['engine', 'adapter', 'kind'],
      ...devices.map(({ engine, description, software }) => [
        engine,
        description,
        engine === 'cpu' ? 'this process' : software ? 'software' : 'hardware',
      ]),
    ],
    () => 'left',
  );

/** The work of devices. */
export const devicesWork =
  (options: { readonly json: boolean }): Work =>
  ({ services, remark }) =>
    pipe(
      services.listDevices,
      TE.map(({ devices, remarks }) => {
        remarks.forEach(remark);
        return printed(options.json ? renderJson(devices) : renderDevices(devices));
      }),
    );

/** The command, with its options and help. */
export const devices = command({
  name: 'devices',
  description: 'List the engines and adapters of this machine.',
  examples: [{ description: 'what this machine has', command: 'batchgfn devices' }],
  args: { json },
  handler: devicesWork,
});
