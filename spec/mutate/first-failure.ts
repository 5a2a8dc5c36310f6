/** Loaded before a spec that is only asked whether it fails: its first failure ends it, and no smaller example is looked for. */
import * as fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });

/** What uvu writes when a test has failed. */
const failed = '✘ ';

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text: string | Uint8Array): boolean => {
  const more = write(text);
  if (typeof text === 'string' && text.includes(failed)) process.exit(1);
  return more;
};
