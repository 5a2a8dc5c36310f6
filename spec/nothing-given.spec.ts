/**
 * Every function of the library, called with nothing, with null, with an object of no members and with other kinds: an error or a
 * Failure in plain words, none from the inside, or an answer.
 */
import * as E from 'fp-ts/lib/Either.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../src/index.js';
import * as learning from '../src/learning/index.js';

type Call = (...values: readonly unknown[]) => unknown;

/** They look for a device. */
const machines = ['openEngine', 'webgpuEngine', 'listAdapters', 'withEngine'];

/** Those that still let an error from their inside out: this list gets shorter, and no name joins it. */
const left: readonly string[] = (
  'atOnce batchesOf bridgeEstimate candidateIndices classPosterior conditionedOn cpuEngine defaultModel defaultTraining dense ' +
  'diagonal draw drawOrders encodeModel estimatesOf exchanged finiteLogProbabilities forPool gaussianProcessClassesOf gaussianProcessOf ' +
  'gibbsTargetOf gradient greedyCategoricalBatch inTurns informationOfBatches labelInformation labelInformationOf logDeterminant logSoftmax logSumExp ' +
  'maternProblem mean metropolisHastings modelOf oneHotMask posteriorAt program pullback randomBits randomCategorical ' +
  'randomGumbel randomUniform relu resample show showDot showFailure showProgram sigmoid softmax ' +
  'softplus split splitKey startTraining surrogateOf takeLast train withPrecision alignTo anchoredAt ' +
  'hypotheticalBatch trainAcross trainAfter'
).split(' ');

const inside =
  /Cannot |is not (iterable|a function|an object|defined)|Invalid |undefined \(|of undefined|at: index|Maximum call/;

const slips: readonly unknown[] = [undefined, null, {}, 'x', 7, true, []];

const isGenerator = (value: unknown): value is Generator =>
  typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';

/** What a call says where it is refused; of what is to be called further, or gone through, that too. */
const saidBy = async (call: Call, slip: unknown, count: number): Promise<string | undefined> => {
  try {
    let result = call(...Array.from({ length: count }, () => slip));
    for (let deep = 0; typeof result === 'function' && deep < 2; deep++) {
      const next = result as Call;
      result = await (count === 0 ? next() : next(slip));
    }
    if (isGenerator(result)) result = result.next();
    const answer: unknown = result;
    const either = answer as E.Either<library.Failure, unknown>;
    return typeof answer === 'object' && answer !== null && '_tag' in answer && E.isLeft(either)
      ? library.showFailure(either.left)
      : undefined;
  } catch (error) {
    assert.instance(error, Error);
    return `${(error as Error).constructor.name} ${(error as Error).message}`;
  }
};

test('what is called with nothing, or with what is no argument of its, says so in plain words', async () => {
  const failing: string[] = [];
  for (const [name, call] of Object.entries({ ...library, ...learning } as Readonly<
    Record<string, unknown>
  >)) {
    if (typeof call !== 'function' || machines.includes(name)) continue;
    for (const slip of slips) {
      const said = await saidBy(call as Call, slip, slip === undefined ? 0 : Math.max(1, call.length));
      if (said !== undefined && inside.test(said)) {
        failing.push(name);
        if (process.env['SHOWN'] === '1') console.log(`# ${name}(${String(slip)}): ${said}`);
        break;
      }
    }
  }
  assert.equal(failing, left);
});

test.run();
