/**
 * What `batchgfn bench samplers` writes down: one line of JSON a record. Either what one way of drawing made of one pool at one
 * temperature, or whether one proposal is as good as greedy's batch. All but the seconds hang on the settings alone.
 */
import type * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { decodeLine } from '../../learning/decoding.js';
import { count, finite, nonNegative, positive, whole } from '../../data/ranges.js';

const orNull = <A>(codec: t.Type<A>) => t.union([codec, t.null]);

const common = {
  /** Of everything else that figures depend on, so that records of different settings are not mixed. */
  settings: t.string,
  pool: t.string,
  reward: t.string,
  unit: t.string,
  /** N, of candidates where the pool is a large one. */
  points: count,
  batchSize: count,
  seed: whole,
};

/** One way to draw, of one pool at one temperature. */
const drawnCodec = t.type({
  ...common,
  kind: t.literal('drawn'),
  way: t.string,
  /** Which temperature it is: half, once or four times the default one, or T = ½. */
  level: t.keyof({ half: null, default: null, four: null, exact: null }),
  /** T, in the unit of U. */
  temperature: positive,
  /** Batches drawn. */
  draws: count,
  /** log Z in nats as this row knows it, with its standard error; null of ways without a target. */
  logPartition: orNull(
    t.readonly(
      t.type({
        estimate: finite,
        standardError: nonNegative,
        method: t.union([t.literal('exact'), t.literal('annealing'), t.literal('bridge')]),
      }),
    ),
  ),
  /** Mean log weight of its own trajectories, nats. */
  elbo: orNull(finite),
  /** Mean log weight of certified draws of the target under it, nats. */
  eubo: orNull(finite),
  /** Of its own trajectories, as a fraction of them. */
  effectiveSampleSize: orNull(nonNegative),
  /** A bound of the total variation of its draws from the target; null where there is none. */
  totalVariation: orNull(nonNegative),
  /** U. */
  utility: t.readonly(t.type({ greedy: finite, best: finite, mean: finite })),
  /** Of U, training among them; null where gains are cheaper than that. */
  evaluations: orNull(whole),
  iterations: whole,
  /** Training; from a policy that is there to its first batch, and to all. */
  seconds: t.readonly(t.type({ train: nonNegative, first: nonNegative, all: orNull(nonNegative) })),
});

/** One proposal, beside greedy's batch. */
const proposedCodec = t.type({
  ...common,
  kind: t.literal('proposed'),
  strategy: t.string,
  temperature: orNull(positive),
  /** U. */
  utility: t.readonly(t.type({ greedy: finite, proposed: finite })),
});

/** Decodes a {@link SamplerRecord}. */
export const samplerRecordCodec = t.readonly(t.union([drawnCodec, proposedCodec]), 'SamplerRecord');

/** What one way of drawing made of one pool at one temperature. Utilities in the reward's unit, nats and seconds elsewhere. */
export type DrawnRecord = Readonly<t.TypeOf<typeof drawnCodec>>;

/** The temperatures: half, once and four times the default one, and T = ½, where log Z is exact. */
export const levelNames = ['half', 'default', 'four', 'exact'] as const;

/** The name of a temperature. */
export type LevelName = (typeof levelNames)[number];

/** Whether one proposal is as good as greedy's batch. */
export type ProposedRecord = Readonly<t.TypeOf<typeof proposedCodec>>;

/** A line of the file. */
export type SamplerRecord = t.TypeOf<typeof samplerRecordCodec>;

/** A record from its line; else what is wrong with the line. */
export const samplerRecordOfLine: (line: string) => E.Either<string, SamplerRecord> = decodeLine(
  samplerRecordCodec,
  'a record of bench samplers',
);

/** Which piece of work a record is of. */
export const unitName = (
  record:
    | Pick<DrawnRecord, 'kind' | 'pool' | 'level' | 'way'>
    | Pick<ProposedRecord, 'kind' | 'pool' | 'reward' | 'seed' | 'strategy'>,
): string =>
  record.kind === 'drawn'
    ? JSON.stringify([record.pool, record.level, record.way])
    : JSON.stringify([record.pool, record.reward, record.seed, record.strategy]);

/**
 * Whether a proposal is no worse than greedy's batch. Two sums of the same batch in another order may differ by rounding: so much
 * is let pass, a part of 10⁻¹² of U.
 */
export const isNoWorse = ({ utility: { greedy, proposed } }: ProposedRecord): boolean =>
  proposed >= greedy - 1e-12 * Math.abs(greedy);
