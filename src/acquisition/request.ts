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
import { nameIn, type SettingName, wrongSetting } from './settings.js';
import type { StrategyOptions } from './strategy.js';

const where = 'proposeBatch';

/** Throws a TypeError where a batch is of no point, or a setting is not what it may be (settings.ts): of every strategy. */
export const checkSettings = (options: Pick<StrategyOptions, 'batchSize' | SettingName>): void => {
  requireWhole(where, 'batchSize', options.batchSize, 1);
  const setting = wrongSetting(options);
  if (setting !== undefined) throw wrongArgument(where, setting.name, setting.value, setting.expected);
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
  requirePosterior(where, posterior);
  const given = membersOf(where, 'options', options, '{ batchSize, seed, draws } at least');
  const { acquisition } = given;
  const { holds, expected } = nameIn(strategies);
  if (acquisition !== undefined && !holds(acquisition))
    throw wrongArgument(where, 'acquisition', acquisition, expected);
  requireWhole(where, 'seed', given['seed']);
  requireWhole(where, 'draws', given['draws'], 1, 1e7);
  requireReward(where, given['reward']);
  if (given['candidates'] !== undefined) requireWhole(where, 'candidates', given['candidates'], 1);
  checkSettings(options);
  if (given['onProgress'] !== undefined) requireFunction(where, 'onProgress', given['onProgress']);
  return noneOf([
    ...notFinite('features of the posterior', posterior.whitened),
    ...notFinite('means of the posterior', columnVector(posterior.mean)),
  ]);
};
