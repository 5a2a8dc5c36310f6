/** Neural networks of all heads, as a surrogate among others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../../engine/engine.js';
import type { WorkControl } from '../../work.js';
import { fitNetwork } from '../network/fit.js';
import type { NetworkModel, NetworkSpec } from '../network/model.js';
import { networkPosterior } from '../network/posterior.js';
import type { Fitted, SurrogateRecord } from './record.js';

const fitted = (model: NetworkModel, engine: Engine, control: WorkControl): Fitted<NetworkModel> => ({
  model,
  posterior: networkPosterior(engine, model, control),
});

/** Runs on the engine. Fails and throws as fitNetwork does. */
export const network: SurrogateRecord<NetworkSpec, NetworkModel> = {
  isOfClasses: ({ task }) => task === 'classes',
  fit: (spec, { inputs, targets, pool }, engine, control) =>
    pipe(
      fitNetwork(engine, inputs, targets, spec, pool, control),
      TE.map((model) => fitted(model, engine, control)),
    ),
  restore: (model, engine, control) => TE.right(fitted(model, engine, control)),
};
