/** What is said of a batch that a session was asked for: the report that --json prints, and remarks on how it came about. */
import { standInRemarks } from '../learning/cold-strategy.js';
import { informationOfOutputs } from '../learning/outputs.js';
import type { Answer } from '../learning/session/ask.js';
import { placesOf } from '../learning/session/posterior.js';
import type { Session } from '../learning/session/session.js';
import { present } from '../present.js';
import { rewards } from '../reward/index.js';
import { type AskedCandidates, reportedCandidates } from './asked-candidates.js';
import type { AskedBy } from './asked-predictions.js';
import { gainsOf, type ReportedEngine, reportedEngine } from './batch-report.js';
import { noScale, saturationRemarks } from './expected-words.js';
import { chosenWords } from './fit-posterior.js';
import { type Predictions, predictions } from './row-predictions.js';
import { wordsOfRows } from './row-words.js';
import { fittedOutput, lackingOf, statusOfTargets, targetInWords } from './session-targets.js';
import { type AskReport, expectedOf, valuesOf } from './session-text.js';
import { reportedOutputs } from './several-targets.js';

/** What is expected of the rows; of class labels, what they are. */
const expected = (
  { start: { classNames } }: Session,
  { posterior, fitted }: Answer,
  places: readonly number[],
  by: AskedBy,
): Pick<AskReport, 'classes' | keyof Predictions> => {
  const all =
    posterior === undefined || fitted?.coldStart === true ? {} : predictions(classNames, posterior, places);
  // A covariance says how far values may be off, and nothing of what they are.
  const { predictedMean, ...rest } = all;
  return {
    ...present({ classes: classNames }),
    ...(by.predictions?.of === 'covariance' ? rest : { ...rest, ...present({ predictedMean }) }),
  };
};

/** What the rows of a batch bring to it; nothing where it was pending already. */
const gainsIn = (
  { posterior, outputs }: Answer,
  { settings: { reward } }: Session['start'],
  places: readonly number[],
): readonly number[] => {
  const by = posterior ?? outputs?.[0]?.posterior;
  if (by === undefined) return [];
  return gainsOf(
    by,
    places,
    outputs === undefined
      ? reward === undefined
        ? undefined
        : rewards[reward]
      : informationOfOutputs(outputs),
  );
};

/** The report of an answer. */
export const askReportOf = (
  before: Session,
  answer: Answer,
  by: ReportedEngine,
  asked: AskedBy,
  among: AskedCandidates | undefined,
): AskReport => {
  const { session, rows, proposal, posterior, fitted, outputs, pool } = answer;
  const places = placesOf(pool, rows);
  const cold = fitted?.coldStart === true || outputs?.every((one) => one.fitted.coldStart) === true;
  return {
    round: session.rounds,
    ...{ rows, again: proposal === undefined, values: valuesOf(session, rows) },
    ...wordsOfRows(session.start, rows),
    jointMutualInformation: session.jointMutualInformation,
    target: targetInWords(session),
    ...present({
      ...{ rowKind: session.start.rowKind, expected: expectedOf(session) },
      coldStart: cold ? (true as const) : undefined,
      lacking: lackingOf(session, rows),
      outputs: outputs && reportedOutputs(outputs.map(fittedOutput), places),
      ...{ targets: statusOfTargets(session), predictions: asked.predictions },
    }),
    ...expected(before, answer, places, asked),
    ...(proposal === undefined
      ? {}
      : {
          proposal: {
            ...present({ reward: proposal.reward, utility: proposal.best.utility }),
            greedy: {
              jointMutualInformation: proposal.greedy.jointMutualInformation,
              ...present({ utility: proposal.greedy.utility }),
            },
            random: proposal.random,
            drawn: {
              ...proposal.drawn,
              batches: proposal.drawn.batches.map((batch) => batch.map((i) => pool[i] ?? NaN)),
            },
            // As in batch-report.ts, when it is asked for.
            get gain() {
              return gainsIn(answer, before.start, places);
            },
            improvement: proposal.improvement,
            certificate: proposal.certificate,
            effectiveSampleSize: proposal.effectiveSampleSize,
            temperature: proposal.temperature,
            logPartition: proposal.logPartition,
            ...present({ informationBound: proposal.informationBound, limits: proposal.limits }),
            iterations: proposal.iterations,
            resumed: before.policy?.model.shape.batchSize === rows.length,
            ahead: before.ahead?.rounds ?? 0,
            seconds: proposal.seconds,
            engine: reportedEngine(by),
          },
          ...(among === undefined || posterior === undefined
            ? {}
            : { candidates: reportedCandidates(among, posterior, proposal) }),
        }),
  };
};

/** What there is to say of how a batch came about. */
export const remarksOf = (
  { start: { acquisition, settings, classNames } }: Session,
  { fitted, proposal, session, outputs = [] }: Answer,
): readonly string[] => [
  ...(fitted?.chosen === undefined ? [] : [chosenWords(fitted.chosen)]),
  ...outputs.flatMap((one) =>
    one.fitted.chosen === undefined ? [] : [`${one.target}: ${chosenWords(one.fitted.chosen)}`],
  ),
  ...standInRemarks(acquisition, {
    coldStart: fitted?.coldStart === true,
    ofClasses: classNames !== undefined,
  }),
  ...saturationRemarks(proposal, acquisition, settings.reward),
  ...(session.expected !== undefined && proposal !== undefined && expectedOf(session) === undefined
    ? [noScale]
    : []),
];
