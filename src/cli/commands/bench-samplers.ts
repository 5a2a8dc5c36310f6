/** `batchgfn bench samplers`: ways to draw, held against each other on many pools and temperatures, as a table that is resumed. */
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { wholePool } from '../../acquisition/large-pool.js';
import { generatedPools, type SamplerPool } from '../../bench/samplers/pools.js';
import { samplersMarkdown } from '../../bench/samplers/markdown.js';
import {
  levelNames,
  type SamplerRecord,
  samplerRecordOfLine,
  unitName,
} from '../../bench/samplers/record.js';
import { foreignRecord, measureSamplers, type SamplersPlan } from '../../bench/samplers/run.js';
import { ways } from '../../bench/samplers/ways.js';
import { toyProblem } from '../../data/toy.js';
import type { Engine } from '../../engine/index.js';
import { policies } from '../../gflownet/policies/index.js';
import { inputFailure, type Failure, type InputFailure } from '../../failure.js';
import { fingerprintOf } from '../../learning/experiment/fingerprint.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import { keyFromSeed, permutation, split } from '../../random/key.js';
import { information } from '../../reward/information.js';
import { type BatchSurrogate, fitChosen } from '../../learning/fit-for-batch.js';
import type { BenchPlan } from '../bench-plan.js';
import type { BenchReport } from '../bench-report.js';
import type { Context } from '../command.js';
import { appendLines, resumeLines } from '../line-file.js';
import { readLabelled } from '../labelled-file.js';
import { plainTable } from '../table-options.js';
import { chosenOf, type DataPool } from '../samplers-options.js';
import { plainSurrogate, surrogateSpecOf } from '../surrogate-options.js';
import { written } from '../whole-file.js';

/** Points in a batch of the pools of files, and of the demo. */
const batchSize = 10;

/** Which child of the seed's key chooses the labelled rows of a file. */
const stream = 0x6c62;

/** The name of the check of proposals beside greedy. */
const proposals = 'proposals';

/** Seeds whose proposals are held against greedy's. */
const proposalSeeds = 3;

/** The surrogate that `batchgfn select` fits where nothing is said. */
const usualSurrogate = (seed: number): E.Either<InputFailure, BatchSurrogate> =>
  surrogateSpecOf(plainSurrogate, seed);

/** The pool of `batchgfn demo`. */
const demo: SamplerPool = {
  ...{ name: 'demo', batchSize, reward: information, drawFraction: 1 },
  posterior: (seed, control) => {
    const { labelled, pool } = toyProblem({ seed, labelled: 10, pool: 100 });
    return pipe(
      TE.fromEither(usualSurrogate(seed)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain((spec) =>
        fitChosen(
          spec,
          { inputs: labelled.features, targets: labelled.targets, pool: pool.features },
          { control },
        ),
      ),
      TE.chain(({ posterior }) => posterior(pool.features)),
    );
  },
};

/** Its file, and what differs from the usual. */
const nameOf = ({ file, labels, rows }: DataPool): string =>
  [path.basename(file, path.extname(file)), labels, ...(rows === undefined ? [] : [rows])].join(':');

/** The pool of a file. An InputFailure where it cannot be read, or has too few rows. */
const filePool = (data: DataPool, context: Context): TE.TaskEither<Failure, SamplerPool> =>
  pipe(
    readLabelled({ ...plainTable, ...data }, 'numbers', context),
    TE.chainEitherKW(({ rows: { inputs, targets } }): E.Either<InputFailure, SamplerPool> => {
      const count = Math.min(data.rows ?? inputs.rows, inputs.rows);
      if (data.labels === 0)
        return E.left(
          inputFailure({
            source: '--data',
            problem: `a pool without labels is of bench strategies, and ${data.file} is to have none`,
            remedy: 'Give 1 label or more',
          }),
        );
      if (data.labels + batchSize > count)
        return E.left(
          inputFailure({
            source: data.file,
            problem: `${data.labels} labelled rows and a batch of ${batchSize} are more than ${count} rows`,
            remedy: 'Give fewer labels, or more rows',
          }),
        );
      return E.right({
        ...{ name: nameOf(data), batchSize, reward: information, drawFraction: 1 },
        posterior: (seed, control) => {
          const order = Array.from(permutation(split(keyFromSeed(seed), stream), count));
          const labelled = order.slice(0, data.labels);
          const pool = rowsAt(inputs, order.slice(data.labels));
          return pipe(
            TE.fromEither(usualSurrogate(seed)),
            TE.mapLeft((failure): Failure => failure),
            TE.chain((spec) =>
              fitChosen(
                spec,
                {
                  inputs: rowsAt(inputs, labelled),
                  targets: Float64Array.from(labelled, (row) => targets[row] ?? NaN),
                  pool,
                },
                { control },
              ),
            ),
            TE.chain(({ posterior }) => posterior(pool)),
          );
        },
      });
    }),
  );

/** The same on as few candidates as the pretrained policy sees of a pool of this size. */
const onCandidates = (pool: SamplerPool): SamplerPool => {
  const candidates = policies.messagePassing.reach?.candidates ?? wholePool;
  return { ...pool, name: `${pool.name}/${candidates}`, candidates };
};

/** The plan of the options. An InputFailure for a file that cannot be read, and a name that is none. */
const planOf = (
  { data, only, draws, iterations, seed, shard }: BenchPlan,
  context: Context,
): TE.TaskEither<Failure, SamplersPlan> =>
  pipe(
    data,
    TE.traverseSeqArray((one) => filePool(one, context)),
    TE.chainEitherKW((files): E.Either<InputFailure, SamplersPlan> => {
      const pools = [demo, ...files, ...files.map(onCandidates), ...generatedPools];
      const poolNames = pools.map(({ name }) => name);
      const wayNames = [...ways.map(({ name }) => name), proposals];
      return pipe(
        chosenOf(only, 'pool, way or temperature', [poolNames, wayNames, levelNames] as const),
        E.map(([ofPools, ofWays, levels]): SamplersPlan => ({
          pools: pools.filter(({ name }) => ofPools.includes(name)),
          levels,
          ways: ways.filter(({ name }) => ofWays.includes(name)),
          proposalSeeds: ofWays.includes(proposals)
            ? Array.from({ length: proposalSeeds }, (_, i) => seed + i)
            : [],
          ...{ seed, draws, shard },
          ...(iterations === 0 ? {} : { iterations }),
          settings: fingerprintOf({ seed, draws, iterations }),
        })),
      );
    }),
  );

const remedy = 'Give a file that batchgfn bench samplers wrote, or remove the line';

/** The records that a file has. An InputFailure where they are of other settings. */
const recordsIn = (out: string, settings: string): TE.TaskEither<InputFailure, readonly SamplerRecord[]> =>
  out === ''
    ? TE.right([])
    : pipe(
        resumeLines(out, samplerRecordOfLine, remedy, '{"kind":'),
        TE.chainEitherK(({ entries }) =>
          pipe(
            foreignRecord(entries, settings),
            E.mapLeft((at) =>
              inputFailure({
                source: out,
                line: at + 1,
                problem: 'the record is of other settings (--seed, --draws or --iterations)',
                remedy: 'Give another --out, or the settings that the file was begun with',
              }),
            ),
            E.map(() => entries),
          ),
        ),
      );

type Report = TE.TaskEither<Failure, BenchReport>;

/** The work: what is left of the table, from the records that there are, on an engine. */
export const samplers = (
  plan: BenchPlan,
  onEngine: (use: (engine: Engine) => Report) => Report,
  context: Context,
  common: (engine: Engine) => Omit<Extract<BenchReport, { readonly bench: 'samplers' }>, 'bench' | 'records'>,
): Report => {
  const { out, markdown } = plan;
  const { progress, signal } = context;
  return pipe(
    planOf(plan, context),
    TE.bindTo('own'),
    TE.bindW('before', ({ own }) => recordsIn(out, own.settings)),
    TE.chain(({ own, before }) => {
      const records = [...before];
      return onEngine((engine) =>
        pipe(
          measureSamplers(engine, own, {
            ...{ progress, signal },
            recorded: new Set(before.map(unitName)),
            onRecord: (record) => {
              records.push(record);
              return out === '' ? TE.right(undefined) : appendLines(out, [JSON.stringify(record)]);
            },
          }),
          TE.chain(() =>
            markdown === '' ? TE.right(undefined) : written(markdown, samplersMarkdown(records)),
          ),
          TE.map((): BenchReport => ({ ...common(engine), bench: 'samplers', records })),
        ),
      );
    }),
  );
};
