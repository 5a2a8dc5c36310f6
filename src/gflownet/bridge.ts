/**
 * log Z by bridge sampling, between a policy's own trajectories and trajectories of the target. With w = R · P_B / P_F, n_q
 * draws of the policy and n_p of the target (batches that follow it, in orders of the backward policy), s = n / (n_q + n_p),
 *
 *   Z = [ mean over the policy's of w / (s_p w + s_q Z) ] / [ mean over the target's of 1 / (s_p w + s_q Z) ]
 *
 * at its fixed point: the estimate of least variance of all bridges. Unlike an importance estimate it sees what the policy never
 * draws; it is worth something where the two overlap, as EUBO − ELBO of a few nats says.
 *
 * Sources: Bennett, J. Computational Physics 22 (1976); Meng and Wong, Statistica Sinica 6 (1996), with the standard error.
 */
import { logSumExp } from '../linear-algebra/log-sum.js';

/** log Z in nats, and its standard error. */
export interface LogPartitionEstimate {
  readonly estimate: number;
  readonly standardError: number;
}

/** log(e^a + e^b). */
const logAdd = (a: number, b: number): number => logSumExp([a, b]);

const meanAndSpread = (logs: readonly number[]): { readonly log: number; readonly relative: number } => {
  const log = logSumExp(logs) - Math.log(logs.length);
  const relative = logs.reduce((sum, x) => sum + (Math.exp(x - log) - 1) ** 2 / logs.length, 0);
  return { log, relative };
};

/**
 * From log w (nats) of the policy's trajectories and of the target's, at least one each. `correlation` is by how much less than
 * independent ones the target's draws tell (an autocorrelation time): 1 if left out.
 */
export const bridgeEstimate = (
  ofPolicy: ArrayLike<number>,
  ofTarget: ArrayLike<number>,
  correlation = 1,
): LogPartitionEstimate => {
  const [q, p] = [Array.from(ofPolicy), Array.from(ofTarget)];
  if (q.length === 0 || p.length === 0)
    throw new RangeError(
      'bridgeEstimate: no trajectories; give at least one of the policy and of the target',
    );
  const [logSq, logSp] = [q, p].map((side) => Math.log(side.length / (q.length + p.length))) as [
    number,
    number,
  ];
  const below = (log: number, logZ: number): number => logAdd(logSp + log, logSq + logZ);
  let logZ = p.reduce((sum, log) => sum + log / p.length, 0);
  let above = { log: 0, relative: 0 };
  let under = { log: 0, relative: 0 };
  for (let i = 0, step = Infinity; i < 1000 && Math.abs(step) > 1e-10; i++) {
    const z = logZ;
    above = meanAndSpread(q.map((log) => log - below(log, z)));
    under = meanAndSpread(p.map((log) => -below(log, z)));
    step = above.log - under.log - z;
    logZ = above.log - under.log;
  }
  return {
    estimate: logZ,
    standardError: Math.sqrt(above.relative / q.length + (correlation * under.relative) / p.length),
  };
};
