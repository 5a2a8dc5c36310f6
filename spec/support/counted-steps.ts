/**
 * How many steps does a piece of work take? The blocks of code that are run, as the machine itself counts them: the same on
 * every computer, however busy. Only functions that are compiled after this module is loaded are counted: import it first.
 */
import { Session, type Profiler } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

// A function that an optimising compiler puts into another one is not counted.
setFlagsFromString('--no-opt');

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** The counts since they were last taken. Posts are answered at once in the process itself. */
const taken = (): readonly Profiler.ScriptCoverage[] => {
  let found: readonly Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    found = result;
  });
  return found;
};

/**
 * The blocks of the project's own code that each piece of work runs. What the language does in one call (slice, parse) is no
 * block. Taking the counts costs more than most work: it is done once before the first and once after each.
 */
export const stepsOfEach = (works: readonly (() => unknown)[]): readonly number[] => {
  taken();
  return works.map((work) => {
    work();
    return taken()
      .filter(({ url }) => url.includes('/.build/src/'))
      .flatMap(({ functions }) => functions)
      .flatMap(({ ranges }) => ranges)
      .reduce((sum, { count }) => sum + count, 0);
  });
};

/** The same of one piece of work. */
export const stepsOf = (work: () => unknown): number => stepsOfEach([work])[0] ?? 0;
