/** Engines and a sampler that answer at once, so that the command line is tested for itself. */
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import type { ProposalOptions } from '../../src/acquisition/index.js';
import type { LogPartition, Proposal } from '../../src/acquisition/strategy.js';
import type { Context } from '../../src/cli/command.js';
import type { Services } from '../../src/cli/contract.js';
import type { Outcome } from '../../src/cli/program.js';
import { runProgram } from '../../src/cli/program.js';
import type { Engine } from '../../src/engine/engine.js';
import type { EngineChoice } from '../../src/engine/index.js';
import type { Failure } from '../../src/failure.js';
import type { Key } from '../../src/random/key.js';
import type { Problem } from '../../src/gflownet/problem.js';
import type { BatchPlot } from '../../src/report/batch-plot.js';
import type { VerificationPlot } from '../../src/report/verification-plot.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import type { VerificationOptions } from '../../src/verify/training.js';
import type { VerificationTrace } from '../../src/verify/verification.js';

const imagined: Engine = {
  kind: 'webgpu',
  description: 'Imagined Adapter',
  software: true,
  dtypes: ['f32'],
  load: () => TE.left({ _tag: 'Interrupted', during: 'a test' }),
  counters: () => ({ buffers: 0, bytes: 0, pipelines: 0, dispatches: 0, submits: 0, readbacks: 0 }),
  close: () => Promise.resolve(),
};

const logZ = (estimate: number, standardError: number, method: LogPartition['method']): LogPartition => ({
  ...{ estimate, standardError, method },
  ...{ elbo: estimate, eubo: estimate },
});

/** The first points of the pool in reverse order, with numbers that can be told apart in a text. */
export const proposalOf = ({
  batchSize,
  temperature,
  acquisition,
  candidates,
}: ProposalOptions): Proposal => ({
  best: {
    indices: Array.from({ length: batchSize }, (_, i) => batchSize - 1 - i),
    jointMutualInformation: 4.25,
  },
  greedy: { indices: Array.from({ length: batchSize }, (_, i) => i), jointMutualInformation: 4.5 },
  random: { mean: 1.125 },
  drawn: {
    ...{ mean: 3.75, best: 4.25, count: 3, jointMutualInformation: [3.5, 4.25, 3.5] },
    batches: [0, 1, 0].map((from) => Array.from({ length: batchSize }, (_, i) => from + i)),
  },
  improvement: null,
  certificate: null,
  effectiveSampleSize: 0.875,
  temperature: temperature ?? 0.5,
  ...(candidates === undefined ? {} : { candidates: { count: candidates, cost: 0.0625 } }),
  ...(acquisition === 'kdpp'
    ? { logPartition: logZ(20.375, 0, 'exact'), iterations: 0, seconds: { train: 0, draw: 0.25 } }
    : {
        logPartition: { ...logZ(20.5, 0.25, 'bridge'), elbo: 20.25, eubo: 20.75 },
        improvement: { from: 'drawn', exchanges: 2 },
        certificate: { totalVariation: 0.0625, updates: 48, pairs: 15 },
        iterations: 300,
        seconds: { train: 12.5, draw: 0.25 },
      }),
});

/** A verification with numbers that can be told apart in a text. */
export const verificationOf = ({ policy, objective, backward }: VerificationOptions): VerificationTrace => ({
  policy,
  objective,
  backward: backward ?? 'uniform',
  totalVariation: 0.0125,
  jensenShannon: 0.000375,
  logZ: {
    ...{ exact: 12.5, estimate: null, standardError: 0, source: 'enumeration' },
    ...{ elbo: 12.375, eubo: 12.625, euboStandardError: 0.03125, importance: 12.4375 },
  },
  certificate: null,
  effectiveSampleSize: 0.96875,
  chiSquare: { statistic: 31, degreesOfFreedom: 30, pValue: 0.40625 },
  inclusion: { statistic: 14, degreesOfFreedom: 14, pValue: 0.4375 },
  corrected: { acceptance: 0.90625, inclusion: { statistic: 15, degreesOfFreedom: 14, pValue: 0.28125 } },
  rankCorrelation: 0.984375,
  seconds: { train: 2, draw: 0.25 },
  probabilities: { target: Float64Array.of(0.25, 0.75), learned: Float64Array.of(0.375, 0.625) },
  heldOut: undefined,
  history: [
    { done: 10, total: 20, loss: 0.5, elbo: 12.25 },
    { done: 20, total: 20, loss: 0.125, elbo: 12.375 },
  ],
});

/** The same on a pool whose batches cannot be listed. */
export const unlistedOf = (options: VerificationOptions): VerificationTrace => ({
  ...verificationOf(options),
  totalVariation: null,
  jensenShannon: null,
  chiSquare: null,
  probabilities: undefined,
  heldOut: { logReward: Float64Array.of(3, 4), logLearned: Float64Array.of(-8, -7) },
});

/** The same at a temperature where Gibbs draws stand for the target. */
export const gibbsOf = (options: VerificationOptions): VerificationTrace => {
  const found = unlistedOf(options);
  return {
    ...found,
    logZ: { ...found.logZ, exact: null, estimate: 12.5, standardError: 0.0625, source: 'gibbs' },
    certificate: { totalVariation: 0.015625, updates: 600, pairs: 64 },
  };
};

/** The same where pairs of Gibbs chains did not meet. */
export const uncertifiedOf = (options: VerificationOptions): VerificationTrace => ({
  ...unlistedOf(options),
  logZ: {
    ...{ exact: null, estimate: null, standardError: null, source: null },
    ...{ elbo: 1, eubo: null, euboStandardError: null, importance: 2 },
  },
  certificate: { totalVariation: 1, updates: 4000, pairs: 2 },
  inclusion: null,
  corrected: { acceptance: 0.5, inclusion: null },
});

/** A verification that was asked for. */
interface Verified {
  readonly problem: Problem;
  readonly options: VerificationOptions;
  readonly key: Key;
}

/** What a run of the command line did. */
export interface Observed extends Outcome {
  readonly remarks: readonly string[];
  /** What the sampler was asked for, once a proposal. */
  readonly asked: readonly { readonly posterior: Posterior; readonly options: ProposalOptions }[];
  /** What was to be verified, once a policy and objective. */
  readonly verified: readonly Verified[];
  /** The pictures that were drawn. */
  readonly plots: readonly VerificationPlot[];
  /** Batches that were to be drawn. */
  readonly batches: readonly BatchPlot[];
  /** How often an engine was asked for. */
  readonly engines: number;
  /** Which ones. */
  readonly choices: readonly EngineChoice[];
  /** Of each engine that was asked for with a number of threads. */
  readonly threads: readonly number[];
  /** What was printed while the work went on. */
  readonly printed: string;
}

/** How the imagined rooms behave; all goes well where nothing is said. */
export interface Behaviour {
  /** What the sampler fails with. */
  readonly failure?: Failure;
  readonly signal?: AbortSignal;
  /** In place of the imagined one. */
  readonly engine?: Engine;
  readonly verification?: (options: VerificationOptions) => VerificationTrace;
  /** What comes before a drawing. */
  readonly ready?: Services['drawing']['ready'];
  /** What is missing to draw. */
  readonly undrawable?: Failure;
  /** Pieces of what comes on stdin. */
  readonly input?: Iterable<Uint8Array>;
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* pieces(input: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* input;
}

/** Nothing on stdin, and a stdout that takes all. */
export const silent: Pick<Context, 'input' | 'print'> = {
  input: pieces([]),
  print: () => Promise.resolve(O.none),
};

/** Text that a picture has in place of a drawing. */
export const drawn = '<svg/>\n';

/** Runs a command line on the imagined engine. */
export const observe = async (
  words: readonly string[],
  {
    failure,
    signal,
    engine = imagined,
    verification = verificationOf,
    undrawable,
    ready,
    input = [],
  }: Behaviour = {},
): Promise<Observed> => {
  const remarks: string[] = [];
  const asked: { posterior: Posterior; options: ProposalOptions }[] = [];
  const verified: Verified[] = [];
  const plots: VerificationPlot[] = [];
  const batches: BatchPlot[] = [];
  const choices: EngineChoice[] = [];
  const threads: number[] = [];
  const printed: string[] = [];
  const services: Services = {
    withEngine: (choice, use, _, settings) => {
      choices.push(choice);
      if (settings?.threads !== undefined) threads.push(settings.threads);
      return use(engine);
    },
    listDevices: TE.right({
      devices: [
        { engine: 'cpu', description: 'cpu', software: false },
        { engine: 'webgpu', description: 'Imagined Adapter', software: true },
      ],
      remarks: ['There is no other.'],
    }),
    proposeBatch: (_, posterior, options) => {
      asked.push({ posterior, options });
      return failure === undefined ? TE.right(proposalOf(options)) : TE.left(failure);
    },
    answerFor: () =>
      TE.right({ kind: 'uncertified', certificate: { totalVariation: 1, updates: 0, pairs: 0 } }),
    verifyProblem: (_, problem, options, key) => {
      verified.push({ problem, options, key });
      return failure === undefined ? TE.right(verification(options)) : TE.left(failure);
    },
    drawing: {
      ready: ready ?? (undrawable === undefined ? TE.right(undefined) : TE.left(undrawable)),
      svg: (plot) => {
        plots.push(plot);
        return TE.right(drawn);
      },
      batch: (plot) => {
        batches.push(plot);
        return TE.right(drawn);
      },
    },
  };
  const context: Context = {
    services,
    remark: (sentence) => remarks.push(sentence),
    progress: () => undefined,
    signal: signal ?? new AbortController().signal,
    input: pieces(input),
    print: (text) => {
      printed.push(text);
      return Promise.resolve(O.none);
    },
  };
  const outcome = await runProgram(words, '1.2.3', context);
  return {
    ...outcome,
    ...{ remarks, asked, verified, plots, batches, engines: choices.length, choices, threads },
    printed: printed.join(''),
  };
};
