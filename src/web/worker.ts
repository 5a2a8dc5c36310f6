/**
 * The worker: all that takes time is done here, so that the page is never held up. Answers requests by their numbers (protocol.ts); what
 * fails is told in the library's words. What few need is loaded when it is asked for.
 */
import type { EngineName, ProblemSettings, Reply, Request } from './protocol.js';
import { lookAt, lookAtTarget, problemOf, answered } from './work/problem.js';
import { engineHolder, measured, trainer } from './work/training.js';

const tell = (reply: Reply): void => postMessage(reply);

const engineOf = engineHolder();
const training = trainer(engineOf, (news) => tell({ news }));

const controls = new Map<'race' | 'rounds', AbortController>();

/** The signal of what begins: what was at work of the same kind ends. */
const begun = (what: 'race' | 'rounds'): AbortSignal => {
  controls.get(what)?.abort();
  const control = new AbortController();
  controls.set(what, control);
  return control.signal;
};

/** The pretrained policy on a pool that it has never seen. */
const ofPretrained = async (settings: ProblemSettings, name: EngineName) => {
  const { pretrainedOn } = await import('./work/pretrained.js');
  const [engine, problem] = [await engineOf(name), problemOf(settings)];
  const { model, parameters } = pretrainedOn(problem);
  return measured({ engine, problem, model, answer: await answered(problem, settings.seed) }, parameters, 0);
};

const answerTo = async ({ name, ask }: Request) => {
  switch (name) {
    case 'view':
      return lookAt(ask.problem, ask.batch, ask.grid);
    case 'greedy':
      return (await import('./work/greedy.js')).greedyOf(ask.problem);
    case 'target':
      return lookAtTarget(ask.problem);
    case 'train': {
      const { steps, run, fresh, ...what } = ask;
      return training.play(what, { steps, run, fresh });
    }
    case 'pause':
      training.pause();
      return null;
    case 'pretrained':
      return ofPretrained(ask.problem, ask.engine);
    case 'race':
      return (await import('./work/race.js')).raced(
        ask,
        engineOf,
        (race) => tell({ race, run: ask.run }),
        begun('race'),
      );
    case 'rounds': {
      const { learned } = await import('./work/rounds.js');
      return learned(ask, engineOf, (round) => tell({ round, run: ask.run }), begun('rounds'));
    }
    case 'stop':
      controls.get(ask)?.abort();
      return null;
    case 'head':
      return (await import('./work/table.js')).headOf(ask);
    case 'table': {
      const { batchOfTable } = await import('./work/table.js');
      return batchOfTable(ask, engineOf);
    }
  }
};

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  answerTo(data).then(
    (answer) => tell({ id: data.id, answer }),
    (error: unknown) =>
      tell({ id: data.id, failure: error instanceof Error ? error.message : String(error) }),
  );
});
