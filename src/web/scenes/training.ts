/** Scene 5: a GFlowNet trains. Played, paused, made step by step; what it has learned stands against what is exact. */
import type { Actions } from '../actions.js';
import { choices, ranges } from '../address.js';
import { button, choice, figures, scene, slider, tick, trouble } from '../controls.js';
import { ends } from '../line.js';
import { byParts } from '../memory.js';
import { axes, dots, endsOf, framed, line, linear, logarithmic, picture, told } from '../plot.js';
import { targetOf, type State } from '../state.js';
import { h, type Drawn } from '../view.js';

/** Batches by exact and learned probability; where they are alike they lie on the diagonal. */
const agreement = byParts(
  (state: State) => [state.width, targetOf(state), state.training.measured],
  (state): Drawn => {
    const { width, training } = state;
    const frame = framed(width, Math.min(320, width * 0.8));
    const highest = 2 * (targetOf(state)?.best?.[0]?.probability ?? 0.5);
    const least = Math.max(highest * 1e-6, 1e-12);
    const x = logarithmic([least, highest], [frame.left, frame.right]);
    const y = logarithmic([least, highest], [frame.bottom, frame.top]);
    const pairs = training.measured?.agreement;
    const points: (readonly [number, number])[] = [];
    for (let i = 0; pairs !== undefined && i < pairs.length; i += 2)
      if ((pairs[i] ?? 0) >= least) points.push([x.at(pairs[i] ?? 0), y.at(pairs[i + 1] ?? 0)]);
    return picture(
      frame,
      pairs === undefined
        ? 'Learned against exact probability of each batch, once there is a policy'
        : 'Learned against exact probability of each batch: on the diagonal they are the same',
      [
        ...axes(frame, x, y, { x: 'exact probability', y: 'learned' }),
        h('line', {
          key: 'diagonal',
          class: 'diagonal',
          x1: frame.left,
          y1: frame.bottom,
          x2: frame.right,
          y2: frame.top,
        }),
        h('path', { key: 'dots', class: 'dots', d: dots(points) }),
      ],
    );
  },
);

const thinned = <A>(list: readonly A[]): readonly A[] => {
  const every = Math.ceil(list.length / 400);
  return list.filter((_, i) => i % every === 0 || i === list.length - 1);
};

const drawnBounds = (state: State): Drawn => {
  const logZ = targetOf(state)?.logZ;
  const frame = framed(state.width, 200);
  const { bounds } = state.training;
  const values = bounds.flatMap(([, elbo, eubo]) => [elbo, eubo]).slice(-80);
  const about = logZ ?? 0;
  const spread = Math.max(0.5, ...values.map((value) => Math.abs(value - about)));
  const x = linear([0, state.settings.iterations], [frame.left, frame.right]);
  const y = linear([about - spread, about + spread], [frame.bottom, frame.top], 4);
  const clip = (value: number): number => Math.min(frame.bottom, Math.max(frame.top, y.at(value)));
  return picture(frame, 'The bounds ELBO and EUBO closing on log Z by training step', [
    ...axes(frame, x, y, { x: 'step', y: 'nats' }),
    ...(logZ === undefined
      ? []
      : [
          h('line', {
            key: 'z',
            class: 'exact',
            x1: frame.left,
            x2: frame.right,
            y1: y.at(logZ),
            y2: y.at(logZ),
          }),
          h(
            'text',
            { key: 'zw', class: 'word', x: frame.right, y: y.at(logZ) - 4, 'text-anchor': 'end' },
            'log Z',
          ),
        ]),
    h('path', {
      key: 'elbo',
      class: 'curve lower',
      d: line(bounds.map(([step, elbo]) => [x.at(step), clip(elbo)])),
    }),
    h('path', {
      key: 'eubo',
      class: 'curve upper',
      d: line(bounds.map(([step, , eubo]) => [x.at(step), clip(eubo)])),
    }),
  ]);
};

const drawnLoss = (state: State): Drawn => {
  const frame = framed(state.width, 180);
  const { losses, variations } = state.training;
  const positive = losses.map(([step, loss]) => [step, Math.max(1e-6, loss)] as const);
  const [low, high] = endsOf([...positive.map(([, loss]) => loss), ...variations.map(([, v]) => v)]);
  const x = linear([0, state.settings.iterations], [frame.left, frame.right]);
  const y = logarithmic(
    [Math.max(1e-6, low / 1.5), Math.max(high, 2 * low) * 1.5],
    [frame.bottom, frame.top],
  );
  return picture(frame, 'The loss and the total variation by training step', [
    ...axes(frame, x, y, { x: 'step', y: 'loss (grey), total variation (dots)' }),
    h('path', {
      key: 'loss',
      class: 'curve loss',
      d: line(thinned(positive).map(([step, loss]) => [x.at(step), y.at(loss)])),
    }),
    h('path', {
      key: 'tv',
      class: 'curve upper',
      d: line(variations.map(([step, v]) => [x.at(step), y.at(v)])),
    }),
    h('path', {
      key: 'tvd',
      class: 'dots large',
      d: dots(variations.map(([step, v]) => [x.at(step), y.at(v)])),
    }),
  ]);
};

const drawnTrajectories = (state: State): Drawn => {
  const { settings, training } = state;
  const shown = training.measured?.trajectories ?? [];
  const frame = { ...framed(state.width, 34 + 22 * Math.max(1, shown.length)), left: 14 };
  const x = linear(ends, [frame.left, frame.right]);
  return picture(
    frame,
    `Trajectories of the policy: ${shown.map((batch) => batch.map((n) => settings.pool[n]).join(', ')).join('; ')}`,
    [
      ...shown.flatMap((batch, row) => {
        const y = 14 + 22 * row;
        return [
          h('line', { key: `t${row}`, class: 'track', x1: frame.left, x2: frame.right, y1: y, y2: y }),
          ...batch.slice(0, training.grown).map((n, i) => {
            const at = x.at(settings.pool[n] ?? 0);
            return h(
              'g',
              { key: `t${row}.${i}`, class: 'step' },
              h('circle', { cx: at, cy: y, r: 9 }),
              h('text', { x: at, y: y + 4, 'text-anchor': 'middle' }, String(i + 1)),
            );
          }),
        ];
      }),
      h(
        'text',
        { key: 'w', class: 'word', x: frame.right, y: frame.height - 6, 'text-anchor': 'end' },
        'eight trajectories: points as they join',
      ),
    ],
  );
};

const trajectories = byParts(
  ({ width, settings, training }: State) => [width, settings.pool, training.measured, training.grown],
  drawnTrajectories,
);

const boundsPicture = byParts(
  (state: State) => [state.width, state.training.bounds, state.settings.iterations, targetOf(state)],
  drawnBounds,
);

const lossPicture = byParts(
  ({ width, settings, training }: State) => [
    ...[width, settings.iterations, training.losses, training.variations],
  ],
  drawnLoss,
);

const policyWords = {
  gain: 'gain',
  pointer: 'pointer',
  deepSets: 'deep sets',
  messagePassing: 'message passing',
} as const;

const objectiveWords = {
  logPartitionVariance: 'log-partition variance',
  trajectoryBalance: 'trajectory balance',
  detailedBalance: 'detailed balance',
  subTrajectoryBalance: 'sub-trajectory balance',
  flowMatching: 'flow matching',
} as const;

const settingsOf = ({ settings, training }: State, { set, play, pause, reset }: Actions): Drawn =>
  h(
    'div',
    { class: 'controls' },
    button(
      'play',
      training.running
        ? 'Pause'
        : training.done === 0 || training.done >= settings.iterations
          ? 'Train'
          : 'Go on',
      () => (training.running ? pause() : play(undefined)),
    ),
    button('step', 'One step', () => play(1), training.running || training.done >= settings.iterations),
    button('reset', 'Start again', reset, training.done === 0),
    choice(
      'policy',
      'Policy',
      choices.policy.map((name) => [name, policyWords[name]] as const),
      settings.policy,
      (policy) => set({ policy }),
    ),
    choice(
      'objective',
      'Objective',
      choices.objective.map((name) => [name, objectiveWords[name]] as const),
      settings.objective,
      (objective) => set({ objective }),
    ),
    slider(
      'iterations',
      'Steps',
      ranges.iterations,
      settings.iterations,
      (iterations) => set({ iterations: Math.round(iterations) }),
      { logarithmic: true },
    ),
    tick('teacher', 'Shown draws of the target too', settings.teacher, (teacher) => set({ teacher })),
  );

const pretrainedOf = (
  { pretrained, failures }: State,
  { askPretrained }: Actions,
): readonly (Drawn | undefined)[] => [
  h(
    'p',
    { class: 'note', key: 'pretrained' },
    button(
      'pretrained',
      pretrained === 'asked' ? 'Loading …' : 'The pretrained policy on this pool',
      askPretrained,
      pretrained === 'asked',
    ),
    ' ',
    typeof pretrained === 'object'
      ? h(
          'output',
          { id: 'pretrained-tv' },
          `without any training: total variation ${pretrained.totalVariation === undefined ? 'not known, too many batches' : pretrained.totalVariation.toFixed(4)}, ELBO ${told(pretrained.elbo)}`,
        )
      : 'trained once on other pools, 66 kB of weights that are loaded when asked for.',
  ),
  trouble(failures.pretrained),
];

/** The scene. */
export const trainingScene = (state: State, actions: Actions): Drawn => {
  const { training, settings } = state;
  const target = targetOf(state);
  const { measured } = training;
  return scene(
    'training',
    '5 · Training',
    [
      settingsOf(state, actions),
      figures([
        ['steps', 'step', `${training.done} of ${settings.iterations}`],
        [
          'tv',
          'total variation, exact',
          measured?.totalVariation === undefined ? '–' : measured.totalVariation.toFixed(4),
        ],
        ['elbo', 'ELBO', told(measured?.elbo ?? NaN)],
        ['eubo', 'EUBO', told(measured?.eubo ?? NaN)],
        ['trained-log-z', 'log Z', told(target?.logZ ?? NaN)],
        ['engine-name', 'engine', training.engine ?? '–'],
      ]),
      trouble(state.failures.training),
      agreement(state),
      trajectories(state),
      boundsPicture(state),
      lossPicture(state),
      measured === undefined
        ? undefined
        : h(
            'p',
            { class: 'note', key: 'best' },
            `The best of 64 drawn batches is worth ${told(measured.best.information)} nats. `,
            button('take-trained', 'Take it as the batch', () => actions.set({ batch: measured.best.batch })),
          ),
      ...pretrainedOf(state, actions),
    ],
    [
      'The policy builds a batch point by point, and training teaches it to end at each batch as often as the target has it.',
      'Every dot is one batch, and on the diagonal the policy draws it exactly as often as it should; the total variation is half the sum of all the differences, computed and not estimated.',
      'ELBO and EUBO are bounds of log Z, the first from the policy’s own trajectories and the second from draws of the target: where they meet, nothing is left to learn.',
    ],
  );
};
