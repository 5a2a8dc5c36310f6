/** `batchgfn bench WHAT`: how fast, how large, and how steady, in figures of the machine that it runs on. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { at } from '../../at.js';
import { measureDraws } from '../../bench/draw.js';
import { measureFactors, measureFit } from '../../bench/fit.js';
import { measureGibbs } from '../../bench/gibbs.js';
import {
  choleskyKernel,
  copyKernel,
  logSoftmaxKernel,
  matmulKernel,
  measureKernel,
  type Kernel,
} from '../../bench/kernels.js';
import type { BenchControl, Sampling } from '../../bench/measure.js';
import { loadPeers, provideGpu } from '../../bench/peers.js';
import { proposalsBelow, proposalText } from '../../bench/samplers/markdown.js';
import { soak } from '../../bench/soak.js';
import { measureStart } from '../../bench/start.js';
import { measureTarget } from '../../bench/target.js';
import { measureIteration } from '../../bench/train.js';
import { defaultThreads, type Engine } from '../../engine/index.js';
import type { Failure } from '../../failure.js';
import { benchOptions } from '../bench-options.js';
import { benchPlanOf, type BenchName, type BenchOptions, type BenchPlan } from '../bench-plan.js';
import { withHistory } from '../bench-history.js';
import { machineOf, type BenchReport } from '../bench-report.js';
import { renderBench } from '../bench-text.js';
import { command, type Context, type Work } from '../command.js';
import { renderJson } from '../render.js';
import { samplers as samplersWork } from './bench-samplers.js';
import { strategies as strategiesWork } from './bench-strategies.js';

type Report = TE.TaskEither<Failure, BenchReport>;

const samplingOf = ({ repeats, minMilliseconds }: BenchPlan): Sampling => ({
  repeats,
  minSeconds: minMilliseconds / 1000,
});

/** A plan's engine, used. */
const onEngine =
  ({ services }: Context, { engine, threads }: BenchPlan) =>
  <A>(use: (engine: Engine) => TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
    services.withEngine(engine, use, undefined, threads === 0 ? {} : { threads });

const commonOf = ({ seed, threads }: BenchPlan, engine: Engine | null) => ({
  machine: machineOf(),
  engine:
    engine === null
      ? null
      : { kind: engine.kind, description: engine.description, software: engine.software },
  threads: engine?.kind === 'cpu' ? threads || defaultThreads() : null,
  seed,
});

const kernelsOf = ({ matmul, logSoftmax, cholesky, copy, seed }: BenchPlan): readonly (() => Kernel)[] => [
  ...matmul.map(
    ([m = 1, k = m, n = m]) =>
      () =>
        matmulKernel([m, k, n], seed),
  ),
  ...logSoftmax.map(
    ([rows = 1, columns = 1]) =>
      () =>
        logSoftmaxKernel([rows, columns], seed),
  ),
  ...cholesky.map(
    ([count = 1, size = 1]) =>
      () =>
        choleskyKernel([count, size]),
  ),
  ...copy.map(
    ([elements = 1]) =>
      () =>
        copyKernel(elements),
  ),
];

const kernels = (plan: BenchPlan, context: Context, control: BenchControl): Report =>
  pipe(
    // Before our own engine looks for one: peers and it are to have the same adapter.
    plan.peers === '' || plan.engine === 'cpu'
      ? TE.right(undefined)
      : pipe(
          provideGpu,
          TE.alt((): TE.TaskEither<Failure, void> => TE.right(undefined)),
        ),
    TE.chain(() =>
      onEngine(
        context,
        plan,
      )((engine) =>
        pipe(
          plan.peers === '' ? TE.right([]) : loadPeers(plan.peers, engine.kind),
          TE.mapLeft((failure): Failure => failure),
          TE.chain((peers) =>
            pipe(
              kernelsOf(plan),
              TE.traverseSeqArray((make) => measureKernel(engine, make(), peers, samplingOf(plan), control)),
              TE.map((results): BenchReport => ({
                ...commonOf(plan, engine),
                bench: 'kernels',
                kernels: results,
                peers:
                  plan.peers === ''
                    ? null
                    : peers.map(({ name, version, reason }) => ({ name, version, reason })),
              })),
            ),
          ),
        ),
      ),
    ),
  );

const train = (plan: BenchPlan, context: Context, control: BenchControl): Report =>
  onEngine(
    context,
    plan,
  )((engine) => {
    const { policy, batchSize, features, hidden, trajectories, seed } = plan;
    const sizes = { policy, batchSize, features, hidden, trajectories };
    const { effectiveSampleSize, targetPoolSize, iterations, draws } = plan;
    return pipe(
      // From small to large, so that the peak of memory is that of the pool in hand.
      [...plan.poolSize].sort((a, b) => a - b),
      TE.traverseSeqArray((poolSize) =>
        measureIteration(engine, { ...sizes, poolSize }, samplingOf(plan), seed, control),
      ),
      TE.bindTo('iterations'),
      TE.bind('target', () =>
        measureTarget(
          engine,
          {
            ...{ policy, batchSize, trajectories, effectiveSampleSize, iterations, draws },
            poolSize: targetPoolSize,
          },
          plan.repeats,
          seed,
          control,
        ),
      ),
      TE.map((results): BenchReport => ({ ...commonOf(plan, engine), bench: 'train', sizes, ...results })),
    );
  });

const draw = (plan: BenchPlan, context: Context, control: BenchControl): Report =>
  onEngine(
    context,
    plan,
  )((engine) =>
    pipe(
      plan.poolSize,
      TE.traverseSeqArray((poolSize) =>
        measureDraws(engine, { ...plan, poolSize }, plan.draws, samplingOf(plan), plan.seed, control),
      ),
      TE.map((draws): BenchReport => ({ ...commonOf(plan, engine), bench: 'draw', draws })),
    ),
  );

const gibbs = (plan: BenchPlan, context: Context, control: BenchControl): Report =>
  onEngine(context, { ...plan, engine: 'cpu' })((engine) =>
    pipe(
      plan.poolSize,
      TE.traverseSeqArray((poolSize) =>
        measureGibbs(engine, { ...plan, poolSize }, samplingOf(plan), plan.seed, control),
      ),
      TE.map((results): BenchReport => ({ ...commonOf(plan, engine), bench: 'gibbs', gibbs: results })),
    ),
  );

const start = (plan: BenchPlan, _: Context, control: BenchControl): Report => {
  const { policy, batchSize, features, hidden, repeats, seed } = plan;
  const poolSize = at(plan.poolSize, 0);
  return pipe(
    measureStart({ policy, poolSize, batchSize, features, hidden }, repeats, seed, control),
    TE.map((result): BenchReport => ({ ...commonOf(plan, null), bench: 'start', start: result })),
  );
};

const soaked = (plan: BenchPlan, context: Context, control: BenchControl): Report =>
  onEngine(
    context,
    plan,
  )((engine) => {
    const { policy, batchSize, trajectories, iterations, every, seed } = plan;
    const poolSize = at(plan.poolSize, 0);
    return pipe(
      soak(engine, { policy, poolSize, batchSize, trajectories, iterations, every }, seed, control),
      TE.map((result): BenchReport => ({ ...commonOf(plan, engine), bench: 'soak', soak: result })),
    );
  });

const fit = (plan: BenchPlan, _: Context, control: BenchControl): Report => {
  const { labels, columns, factors, peers, repeats, seed } = plan;
  const cases = labels.flatMap((n) =>
    columns.flatMap((features) =>
      (['shared', 'perFeature'] as const).map((lengthScales) => ({ labels: n, features, lengthScales })),
    ),
  );
  return pipe(
    cases,
    TE.traverseSeqArray((sizes) => measureFit(sizes, peers, repeats, seed, control)),
    TE.bindTo('fits'),
    TE.bind('factors', () =>
      pipe(
        factors,
        TE.traverseSeqArray((size) => measureFactors(size, samplingOf(plan), seed, control)),
        TE.map((each) => each.flat()),
      ),
    ),
    TE.map((results): BenchReport => ({ ...commonOf(plan, null), bench: 'fit', ...results })),
  );
};

const samplers = (plan: BenchPlan, context: Context): Report =>
  samplersWork(plan, onEngine(context, plan), context, (engine) => commonOf(plan, engine));

const strategies = (plan: BenchPlan, context: Context): Report =>
  strategiesWork(plan, onEngine(context, plan), context, (engine) => commonOf(plan, engine));

/** Proposals that are worse than greedy's batch: what the program promises is not kept. */
const shortfallsOf = (report: BenchReport): readonly string[] =>
  report.bench === 'samplers'
    ? proposalsBelow(report.records).below.map((record) => `${proposalText(record)}: below greedy.`)
    : [];

const works: Readonly<
  Record<BenchName, (plan: BenchPlan, context: Context, control: BenchControl) => Report>
> = { kernels, train, draw, gibbs, fit, start, soak: soaked, samplers, strategies };

/** The work of bench. What was asked for is checked before an engine is. */
export const benchWork =
  (options: BenchOptions): Work =>
  (context) =>
    pipe(
      TE.fromEither(benchPlanOf(options)),
      TE.chain((plan) => withHistory(plan, context)(works[plan.what](plan, context, context))),
      TE.map((report) => ({
        text: options.json ? renderJson(report) : renderBench(report),
        shortfalls: shortfallsOf(report),
      })),
    );

/** The command, with its options and help. */
export const bench = command({
  name: 'bench',
  description: 'Measure speed and memory on this machine.',
  examples: [
    { description: 'the time to draw from pools of two sizes', command: 'batchgfn bench draw -n 2000,10000' },
  ],
  args: benchOptions,
  handler: benchWork,
});
