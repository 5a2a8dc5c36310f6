/** Which chains are worth a pipeline of their own? Those of structures that save enough dispatches, as one; the others as more. */
import { at } from '../../at.js';
import { sizeOf } from '../../tensor/expression.js';
import { chainOf, type Chain, type Facts } from './chain.js';
import { type Code, codeOf, type Product } from './chain-code.js';
import { pipelineKey } from './pipelines.js';
import { productOf, scheduleOf, type Work } from './schedule.js';

/**
 * What the chains of one structure must save a step of the program to be compiled, if nothing else is said: a dispatch that is
 * saved counts as one and as its elements' traffic besides, {@link traffic} of them as one more. A compile takes some 20 ms and a
 * dispatch 40 µs on a software adapter, both about a fifth of that on a GPU; but a chain stands for the pipelines of its steps,
 * too: with all chains of a training iteration of 2,000 points in place of those that save 4, 68 pipelines rather than 65, and
 * 115 dispatches rather than 132, before products had epilogues (30 November 2026).
 */
export const minSaved = 2;

/** Elements that are read and written in the time of a dispatch: on lavapipe some 2,000, on a GPU millions. */
const traffic = 2 ** 14;

/** Steps as one dispatch, and as more. */
export interface Choice {
  readonly together: Work;
  readonly elements: number;
  readonly apart: readonly (Choice | Work)[];
}

/** A chain as a choice; as its one dispatch where it is no more. */
export const choiceOf = (chain: Chain, facts: Facts): Choice | Work => {
  const { product, steps, points, reads, writes } = chain;
  const elements = sizeOf(at(points, 0).output.shape);
  const written = writes.map(({ slot }) => slot);
  const codeBy = (host?: Product): Code =>
    codeOf(points, reads, written, (slot) => facts.words.get(slot), host);
  const plain = product === undefined ? undefined : chainOf(steps, points, facts);
  if (product !== undefined && plain !== undefined) {
    const alone = scheduleOf([product]);
    const factors = alone.flatMap((work) => work.reads);
    return {
      together: { ...codeBy(productOf(product)), calls: true, reads: [...factors, ...reads], writes },
      ...{ elements, apart: [...alone, choiceOf(plain, facts)] },
    };
  }
  const apart = scheduleOf(steps);
  const [only] = apart;
  if (only !== undefined && apart.length === 1) return only;
  return { together: { ...codeBy(), reads, writes }, elements, apart };
};

/** Products with epilogues, or chains: those of structures that save enough as one dispatch, and the others as more. */
export const worthwhile = (
  choices: readonly (Choice | Work)[],
  least: number,
  ofProducts: boolean,
): readonly (Choice | Work)[] => {
  const isMeant = (choice: Choice | Work): choice is Choice =>
    'apart' in choice && (choice.together.calls === true) === ofProducts;
  const saved = new Map<string, number>();
  for (const choice of choices)
    if (isMeant(choice)) {
      const key = pipelineKey(choice.together);
      const own = (choice.apart.length - 1) * (1 + choice.elements / traffic);
      saved.set(key, (saved.get(key) ?? 0) + own);
    }
  return choices.flatMap((choice) => {
    if (!isMeant(choice)) return [choice];
    return (saved.get(pipelineKey(choice.together)) ?? 0) >= least ? [choice.together] : choice.apart;
  });
};
