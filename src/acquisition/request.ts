/**
 * What is wrong with what a proposal is asked for? A slip by the programmer throws where it is made, naming the argument and
 * what it may be; entries of a posterior that are not finite are a Failure, for they come with the data.
 */
import type { Failure } from '../failure.js';
import { type Either } from '#fp-ts/Either';
import { isRecord, requireMatrix, wrongArgument } from '../misuse.js';
import { columnVector } from '../linear-algebra/product.js';
import { noneOf, notFinite } from '../surrogate/input-faults.js';
import type { Posterior } from '../surrogate/posterior.js';
import { nameIn, wrongSetting } from './settings.js';
import type { StrategyOptions } from './strategy.js';

const wrong = (name: string, value: unknown, wanted: string): TypeError =>
  wrongArgument('proposeBatch', name, value, wanted);

const requireWhole = (name: string, value: unknown, least: number): void => {
  if (!(Number.isSafeInteger(value) && Number(value) >= least))
    throw wrong(name, value, `a whole number from ${least} up`);
};

/** Throws a TypeError unless a value is a posterior by its form. */
const requirePosterior = (posterior: unknown): void => {
  if (!isRecord(posterior)) throw wrong('posterior', posterior, 'what posteriorOver or classPosterior gives');
  const { mean, whitened, noiseVariance } = posterior;
  requireMatrix('proposeBatch', 'posterior.whitened', whitened);
  const rows = isRecord(whitened) ? whitened['rows'] : undefined;
  if (!(mean instanceof Float64Array) || mean.length !== rows)
    throw wrong(
      'posterior.mean',
      mean instanceof Float64Array ? `of ${mean.length} numbers` : mean,
      `a Float64Array of ${String(rows)}, one a point`,
    );
  if (!(typeof noiseVariance === 'number' && noiseVariance > 0))
    throw wrong('posterior.noiseVariance', noiseVariance, 'a number above 0');
};

/**
 * Throws a TypeError that names the argument and what it may be, where a posterior has not the form of one or an option is
 * none of those that there are; an InputFailure where an entry of the posterior is not finite.
 */
export const checkedRequest = (
  posterior: Posterior,
  options: StrategyOptions & { readonly acquisition?: string; readonly candidates?: number },
  strategies: object,
): Either<Failure, void> => {
  requirePosterior(posterior);
  // Programs in JavaScript give anything.
  const given: unknown = options;
  if (!isRecord(given)) throw wrong('options', given, '{ batchSize, seed, draws } at least');
  const { acquisition } = given;
  const { holds, expected } = nameIn(strategies);
  if (acquisition !== undefined && !holds(acquisition)) throw wrong('acquisition', acquisition, expected);
  requireWhole('batchSize', given['batchSize'], 0);
  requireWhole('seed', given['seed'], 0);
  if (given['candidates'] !== undefined) requireWhole('candidates', given['candidates'], 1);
  const setting = wrongSetting(given);
  if (setting !== undefined) throw wrong(setting.name, setting.value, setting.expected);
  const { onProgress } = given;
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw wrong('onProgress', onProgress, 'a function');
  return noneOf([
    ...notFinite('features of the posterior', posterior.whitened),
    ...notFinite('means of the posterior', columnVector(posterior.mean)),
  ]);
};
