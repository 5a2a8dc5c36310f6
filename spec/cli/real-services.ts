/** The program in this process with its real services: words in, what it prints and says out. */
import { runProgram, type Outcome } from '../../src/cli/program.js';
import { services } from '../../src/cli/services.js';
import { silent } from './fake-services.js';

/** What the program left behind, and the sentences that it said on the way. */
export const run = async (
  ...words: readonly string[]
): Promise<Outcome & { readonly remarks: readonly string[] }> => {
  const remarks: string[] = [];
  const outcome = await runProgram(words, '1.2.3', {
    ...silent,
    services,
    remark: (sentence) => remarks.push(sentence),
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { ...outcome, remarks };
};
