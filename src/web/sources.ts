/** Which file of the library does what a scene shows? The build copies them beside the page (kernels/web.mjs). */
export const sources = {
  posterior: 'src/surrogate/gaussian-process.ts',
  worth: 'src/reward/exact.ts',
  target: 'src/gflownet/exact/target.ts',
  race: 'src/gibbs/coupling.ts',
  training: 'src/gflownet/train.ts',
  rounds: 'src/acquisition/index.ts',
  table: 'src/learning/fit-for-batch.ts',
} as const;

/** Where the page has the text of a file. */
export const addressOf = (file: string): string => `source/${file.replaceAll('/', '.')}.txt`;
