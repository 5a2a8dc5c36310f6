/**
 * Which rows of a part of a pool may a session ask for? The part is scanned block by block, so that no more than a block's features Φ
 * are held: the candidates of each block, and of these the candidates of the part (acquisition/parts.ts). The surrogate is fitted to the
 * session's own rows alone, so that it is the same wherever a part is scanned.
 */
import { requireMatrix, requireObjects } from '../../misuse.js';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { candidatesOfPart, type PartCandidates } from '../../acquisition/parts.js';
import { type Failure, inputFailure } from '../../failure.js';
import { type Matrix, rowsAt, rowsBetween } from '../../linear-algebra/matrix.js';
import { keyFromSeed, split } from '../../random/key.js';
import type { FittedSurrogate } from '../../surrogate/surrogate.js';
import type { WorkControl } from '../../work.js';
import { surrogateGiven } from './posterior.js';
import { requireSession, type Session } from './session.js';
import { oneTargetOnly } from './targets.js';

/** How a part is scanned. */
export interface PartScan {
  /** M, of each block and of the part: from the batch size up. */
  readonly count: number;
  readonly batchSize: number;
  /** Rows at once; 2¹⁵ if left out. */
  readonly blockRows?: number;
  /** Told of rows that are done. */
  readonly onBlock?: (done: number) => void;
  readonly control?: WorkControl;
}

/** Which child of the seed's key candidates are drawn from. */
const stream = 0x707274;

const interrupted: Failure = { _tag: 'Interrupted', during: 'scanning' };

type Kept = Pick<PartCandidates, 'indices' | 'mostLeft'>;

const blockOf =
  (fitted: FittedSurrogate, session: Session, { count, batchSize }: PartScan) =>
  (rows: Matrix, block: number): TE.TaskEither<Failure, Kept> =>
    pipe(
      fitted.posterior(rows),
      TE.map((posterior) =>
        candidatesOfPart(posterior, {
          ...{ count, batchSize },
          key: split(split(keyFromSeed(session.start.seed), stream), block),
        }),
      ),
    );

/**
 * The candidates among rows (N×d, the session's features). Fails as fitting does, with Interrupted, and with an InputFailure of a session
 * whose reward is not the information, for what batches are worth by another hangs on the whole pool. Throws a RangeError where the
 * candidates are fewer than a batch.
 */
export const scanPart =
  (rows: Matrix, scan: PartScan) =>
  (session: Session): TE.TaskEither<Failure, PartCandidates> => {
    requireMatrix('scanPart', 'rows', rows);
    requireObjects('scanPart', { scan });
    requireSession('scanPart', session);
    const { blockRows = 2 ** 15, onBlock, control = {} } = scan;
    const { reward = 'information' } = session.start.settings;
    if (session.start.furtherTargets !== undefined)
      return TE.left(inputFailure(oneTargetOnly('parts', 'parts are scanned for one')));
    if (reward !== 'information')
      return TE.left(
        inputFailure({
          source: 'parts',
          problem: `the session's reward is ${reward}, which hangs on the whole pool`,
          remedy: 'Begin a session for parts by information: --reward information, or another --acquisition',
        }),
      );
    return pipe(
      surrogateGiven(session, session, control),
      TE.chain((fitted) => async () => {
        const candidatesAmong = blockOf(fitted, session, scan);
        const indices: number[] = [];
        let [mostLeft, block] = [0, 0];
        for (let from = 0; from < rows.rows; from += blockRows) {
          if (control.signal?.aborted === true) return E.left(interrupted);
          const to = Math.min(rows.rows, from + blockRows);
          const own = await candidatesAmong(rowsBetween(rows, from, to), block++)();
          if (E.isLeft(own)) return own;
          for (const n of own.right.indices) indices.push(from + n);
          mostLeft = Math.max(mostLeft, own.right.mostLeft);
          onBlock?.(to);
        }
        if (block < 2) return E.right({ indices, mostLeft });
        const merged = await candidatesAmong(rowsAt(rows, indices), block)();
        return pipe(
          merged,
          E.map((own) => ({
            indices: own.indices.map((i) => indices[i] ?? NaN),
            mostLeft: Math.max(mostLeft, own.mostLeft),
          })),
        );
      }),
    );
  };
