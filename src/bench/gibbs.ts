/**
 * How long do draws by Gibbs updates take? On the 1-D Matérn pool at the temperature that `proposeBatch` would choose, by the
 * information of whitened features, in f64 on the host (src/gibbs) and its threads, in turns with greedy BatchBALD:
 *
 *   update       one update of a batch: a member leaves, and a point joins by its conditional
 *   first        one certified draw, from nothing: coupled pairs have to meet before it
 *   many         all certified draws at once
 *   annealing    log Z with its standard error
 *   greedy       one greedy batch, from nothing
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { greedyBatch } from '../acquisition/greedy.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { annealedOn } from '../gibbs/annealing.js';
import type { Certificate } from '../gibbs/certificate.js';
import { certifiedDrawsOn } from '../gibbs/draws.js';
import type { BatchTarget } from '../gibbs/target.js';
import { update } from '../gibbs/update.js';
import { defaultTemperatureOf } from '../learning/pretraining/posteriors.js';
import { keyFromSeed, split } from '../random/key.js';
import { uniformStream } from '../random/stream.js';
import { gaussianInformation } from '../reward/gaussian-information.js';
import { maternProblem } from '../surrogate/matern.js';
import type { Posterior } from '../surrogate/posterior.js';
import {
  keysOf,
  measure,
  onHost,
  share,
  type BenchControl,
  type Run,
  type Sampling,
  type Timing,
} from './measure.js';

/** Times of a pool of a size. */
export interface GibbsResult {
  readonly poolSize: number;
  readonly batchSize: number;
  /** Batches that `many` draws. */
  readonly draws: number;
  readonly temperature: number;
  /** Of one update. */
  readonly update: Timing;
  /** Of one draw from nothing, and of one of `draws` at once. */
  readonly perBatch: { readonly first: Timing; readonly many: Timing; readonly greedy: Timing };
  readonly annealing: Timing;
  /** Of the first draws: how far from the target they are at most, and after how many updates. */
  readonly certificate: Certificate;
  /** log Z and its standard error, nats. */
  readonly logPartition: { readonly estimate: number; readonly standardError: number };
}

/** What is measured on a posterior, each a run from a key of its own. */
const contendersOf = (
  posterior: Posterior,
  target: BatchTarget,
  beta: number,
  draws: number,
  seed: number,
  engine: Engine,
  { signal }: BenchControl,
) => {
  const next = keysOf(split(keyFromSeed(seed), 1));
  const working =
    (work: () => TE.TaskEither<Failure, unknown>): Run =>
    (calls) =>
    async () => {
      for (let call = 0; call < calls; call++) {
        const done = await work()();
        if (E.isLeft(done)) return done;
      }
      return E.right(undefined);
    };
  const batch = target.utility.batchFrom(greedyBatch(posterior, target.batchSize).indices);
  const [uniform, scratch] = [uniformStream(next()), new Float64Array(target.utility.points)];
  return {
    update: onHost(() => update(target, batch, beta, 0, uniform, scratch)),
    first: working(() => certifiedDrawsOn(engine, target, beta, { count: 1, key: next() }, { signal })),
    many: working(() => certifiedDrawsOn(engine, target, beta, { count: draws, key: next() }, { signal })),
    annealing: working(() => annealedOn(engine, target, beta, { key: next() }, { signal })),
    greedy: onHost(() => greedyBatch(posterior, target.batchSize)),
  };
};

/** Times Gibbs draws of batches. Fails with Interrupted, and where the pool cannot be made. */
export const measureGibbs = (
  engine: Engine,
  { poolSize, batchSize, draws }: Pick<GibbsResult, 'poolSize' | 'batchSize' | 'draws'>,
  sampling: Sampling,
  seed: number,
  control: BenchControl,
): TE.TaskEither<Failure, GibbsResult> =>
  pipe(
    TE.fromEither(maternProblem({ poolSize, seed })),
    TE.mapLeft((failure): Failure => failure),
    TE.chain(({ posterior }) => {
      const key = keyFromSeed(seed);
      const { whitened } = posterior;
      const target = { utility: gaussianInformation(whitened), features: whitened, batchSize };
      const temperature = defaultTemperatureOf(whitened, batchSize, split(key, 0));
      const beta = 1 / temperature;
      const watching = { signal: control.signal };
      return pipe(
        certifiedDrawsOn(engine, target, beta, { count: draws, key: split(key, 2) }, watching),
        TE.bindTo('drawn'),
        TE.bind('annealing', () => annealedOn(engine, target, beta, { key: split(key, 3) }, watching)),
        TE.bind('timings', () =>
          measure(
            `Gibbs draws at N = ${poolSize}`,
            contendersOf(posterior, target, beta, draws, seed, engine, control),
            sampling,
            control,
          ),
        ),
        TE.map(({ drawn, annealing, timings: { first, many, greedy, ...timings } }): GibbsResult => ({
          ...{ poolSize, batchSize, draws, temperature, ...timings },
          perBatch: { first, many: share(many, draws), greedy },
          certificate: drawn.certificate,
          logPartition: { estimate: annealing.logPartition, standardError: annealing.standardError },
        })),
      );
    }),
  );
