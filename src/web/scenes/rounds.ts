/** Scene 6: active learning. A batch is labelled, the model asked again, and the error falls; strategies side by side, and the reader's own. */
import type { Actions } from '../actions.js';
import { button, figures, keys, scene, trouble } from '../controls.js';
import { axes, dots, endsOf, framed, line, linear, logarithmic, picture, told } from '../plot.js';
import type { Learner } from '../protocol.js';
import type { State } from '../state.js';
import { h, type Drawn } from '../view.js';

const learners: readonly (readonly [Learner, string])[] = [
  ['random', 'random'],
  ['greedy', 'greedy'],
  ['stochasticBatchBald', 'stochastic BatchBALD'],
  ['kdpp', 'k-DPP'],
  ['gflownet', 'GFlowNet'],
];

/** The mean error of a strategy by the number of labels, over its repeats so far. */
const meansOf = ({ rounds: { points } }: State, learner: Learner): readonly (readonly [number, number])[] => {
  const own = points.filter((point) => point.learner === learner);
  return [...new Set(own.map(({ labels }) => labels))]
    .sort((a, b) => a - b)
    .map((labels) => {
      const errors = own.filter((point) => point.labels === labels).map(({ error }) => error);
      return [labels, errors.reduce((a, b) => a + b, 0) / errors.length] as const;
    });
};

const curves = (state: State): Drawn => {
  const frame = framed(state.width, 260);
  const lines = learners.map(([learner]) => [learner, meansOf(state, learner)] as const);
  const all = [...lines.flatMap(([, points]) => points), ...state.own];
  const [least, most] = endsOf(all.map(([labels]) => labels));
  const [low, high] = endsOf(all.map(([, error]) => error));
  const x = linear([least, Math.max(least + 5, most)], [frame.left, frame.right]);
  const y = logarithmic([low / 1.3, Math.max(high, 2 * low) * 1.1], [frame.bottom, frame.top]);
  const own = state.own.map(([labels, error]) => [x.at(labels), y.at(error)] as const);
  return picture(
    frame,
    'The error of the posterior mean by the number of labels, for each strategy and for the reader',
    [
      ...axes(frame, x, y, { x: 'labels', y: 'error' }),
      ...lines.map(([learner, points]) =>
        h('path', {
          ...{ key: learner, class: `curve ${learner}` },
          d: line(points.map(([labels, error]) => [x.at(labels), y.at(error)])),
        }),
      ),
      h('path', { key: 'own', class: 'curve own', d: line(own) }),
      h('path', { key: 'dots', class: 'dots own', d: dots(own) }),
    ],
  );
};

/** The scene. */
export const roundsScene = (state: State, { startRounds, labelBatch, set }: Actions): Drawn => {
  const { rounds, settings, failures, greedy, own, training } = state;
  const best = training.measured?.best.batch ?? greedy?.indices ?? [];
  return scene(
    'rounds',
    '6 · Active learning',
    [
      h(
        'div',
        { class: 'controls' },
        button(
          'start-rounds',
          rounds.running ? 'Learning …' : 'Let all strategies learn',
          startRounds,
          rounds.running,
        ),
        settings.batch.length === 0
          ? button(
              'own-batch',
              `Take the ${training.measured === undefined ? 'greedy' : 'trained'} batch`,
              () => set({ batch: best }),
              best.length === 0,
            )
          : button('own-batch', `Label the ${settings.batch.length} points of your batch`, labelBatch),
      ),
      curves(state),
      figures([
        [
          'own-error',
          'your error',
          `${told(own.at(-1)?.[1] ?? NaN)} with ${settings.labelled.length} labels`,
        ],
        ...learners.map(([learner, words]) => {
          const [, error] = meansOf(state, learner).at(-1) ?? [0, NaN];
          return [`rounds-${learner}`, words, told(error)] as const;
        }),
      ]),
      keys([...learners, ['own', 'you']]),
      trouble(failures.rounds),
    ],
    [
      'Label a batch in scene 1 or 2, or here: the dots are the error of your own model as labels come in, against the function that it does not know.',
      'The strategies each begin with your labels and a pool of 60 points, have batches of b labelled for five rounds, and are asked again; the lines are means of three pools.',
      'The k-DPP and the GFlowNet propose the best of what they draw, which on a pool as small as this is often greedy’s batch, so that lines lie on each other; random batches fall behind.',
    ],
  );
};
