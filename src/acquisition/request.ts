/**
 * What is wrong with what a proposal is asked for? A slip by the programmer throws where it is made, naming the argument and
 * what it may be; entries of a posterior that are not finite are a Failure, for they come with the data.
 */
import { type Failure, noneOf } from '../failure.js';
import { type Either } from '#fp-ts/Either';
import {
  membersOf,
  requireFunction,
  requirePosterior,
  requireReward,
  requireWhole,
  wrongArgument,
} from '../misuse.js';
import { columnVector } from '../linear-algebra/product.js';
import { notFinite } from '../surrogate/input-faults.js';
import type { Posterior } from '../surrogate/posterior.js';
import { nameIn, wrongSetting } from './settings.js';
import type { StrategyOptions } from './strategy.js';

const where = 'proposeBatch';

const wrong = (name: string, value: unknown, wanted: string): TypeError =>
  wrongArgument(where, name, value, wanted);

/**
 * Throws a TypeError that names the argument and what it may be, where a posterior has not the form of one or an option is
 * none of those that there are; an InputFailure where an entry of the posterior is not finite.
 */
export const checkedRequest = (
  posterior: Posterior,
  options: StrategyOptions & { readonly acquisition?: string; readonly candidates?: number },
  strategies: object,
): Either<Failure, void> => {
  requirePosterior(where, posterior);
  const given = membersOf(where, 'options', options, '{ batchSize, seed, draws } at least');
  const { acquisition } = given;
  const { holds, expected } = nameIn(strategies);
  if (acquisition !== undefined && !holds(acquisition)) throw wrong('acquisition', acquisition, expected);
  requireWhole(where, 'batchSize', given['batchSize']);
  requireWhole(where, 'seed', given['seed']);
  requireWhole(where, 'draws', given['draws'], 1, 1e7);
  requireReward(where, given['reward']);
  if (given['candidates'] !== undefined) requireWhole(where, 'candidates', given['candidates'], 1);
  const setting = wrongSetting(given);
  if (setting !== undefined) throw wrong(setting.name, setting.value, setting.expected);
  if (given['onProgress'] !== undefined) requireFunction(where, 'onProgress', given['onProgress']);
  return noneOf([
    ...notFinite('features of the posterior', posterior.whitened),
    ...notFinite('means of the posterior', columnVector(posterior.mean)),
  ]);
};
