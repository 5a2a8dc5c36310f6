/** How do benches read on a terminal? Tables with a line a case: medians, ± their median absolute deviation. */
import type { DrawResult } from '../bench/draw.js';
import type { FactorResult, FitResult } from '../bench/fit.js';
import type { GibbsResult } from '../bench/gibbs.js';
import type { KernelResult, Rated } from '../bench/kernels.js';
import type { Timing } from '../bench/measure.js';
import { samplersMarkdown } from '../bench/samplers/markdown.js';
import type { SoakResult } from '../bench/soak.js';
import type { StartResult } from '../bench/start.js';
import { strategiesMarkdown } from '../bench/strategies/markdown.js';
import type { TargetResult } from '../bench/target.js';
import type { IterationResult } from '../bench/train.js';
import { historyText, type HistoryReport } from './bench-history.js';
import type { BenchReport } from './bench-report.js';
import { certificateText } from './sampler-words.js';
import { textTable } from './text-table.js';

const scaled = (seconds: number): readonly [factor: number, unit: string] =>
  seconds >= 1 ? [1, 's'] : seconds >= 1e-3 ? [1e3, 'ms'] : [1e6, 'µs'];

const short = (value: number, digits = 3): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : '–';

const duration = (seconds: number): string => {
  const [factor, unit] = scaled(seconds);
  return `${short(seconds * factor)} ${unit}`;
};

const timing = ({ seconds, deviation }: Timing): string => {
  const [factor, unit] = scaled(seconds);
  return `${short(seconds * factor)} ± ${short(deviation * factor, 2)} ${unit}`;
};

const bytes = (value: number): string =>
  value >= 1e9
    ? `${short(value / 1e9)} GB`
    : value >= 1e6
      ? `${short(value / 1e6)} MB`
      : `${short(value / 1e3)} kB`;

const count = (value: number): string =>
  value >= 1e9 ? `${short(value / 1e9)} G` : value >= 1e6 ? `${short(value / 1e6)} M` : short(value, 6);

/** The first column to the left, numbers to the right. */
const table = (rows: readonly (readonly string[])[]): string =>
  textTable(rows, (column) => (column === 0 ? 'left' : 'right'));

const facts = (rows: readonly (readonly string[])[]): string => textTable(rows, () => 'left');

const rate = (of: Rated | null | undefined): string =>
  of === null || of === undefined
    ? '–'
    : of.gigaflops === null
      ? `${short(of.gigabytes)} GB/s`
      : `${short(of.gigaflops)} GFLOP/s`;

const kernelsText = (
  results: readonly KernelResult[],
  peers: (BenchReport & { readonly bench: 'kernels' })['peers'],
): string => {
  const names = (peers ?? []).filter(({ reason }) => reason === null).map(({ name }) => name);
  const absent = (peers ?? []).filter(({ reason }) => reason !== null);
  return [
    table([
      ['kernel', 'size', 'time', 'rate', 'plain loops', ...names],
      ...results.map(({ kernel, shape, engine, plain, peers: others }) => [
        kernel,
        shape.join('×'),
        timing(engine),
        rate(engine),
        rate(plain),
        ...names.map((name) => rate(others[name])),
      ]),
    ]),
    ...absent.map(({ name, reason }) => `  ${name} takes no part: ${reason ?? ''}.\n`),
  ].join('');
};

const stagesText = ({ poolSize, floor }: IterationResult): string =>
  floor === null
    ? ''
    : [
        `\nThe floor at N = ${poolSize}\n\n`,
        table([
          ['stage', 'operations', 'bytes', 'least time'],
          ...floor.stages.map(({ stage, operations, bytes: moved, seconds }) => [
            stage,
            count(operations),
            bytes(moved),
            duration(seconds),
          ]),
          ['in all', count(floor.operations), bytes(floor.bytes), duration(floor.seconds)],
        ]),
      ].join('');

const targetText = (target: TargetResult): string => {
  const { effectiveSampleSize, draws, runs, train, poolSize, batchSize, temperature } = target;
  const reached = runs.filter((run) => run.reached).length;
  const goal = `effective sample size ${effectiveSampleSize} of ${draws} draws, ${batchSize} of ${poolSize} points of the Matérn pool at T = ${temperature}`;
  const outcome =
    train === null
      ? `reached by ${reached} of ${runs.length} trainings within ${target.iterations} iterations`
      : `${timing(train)} of training, ${target.iterationsToTarget ?? ''} iterations (medians of ${runs.length})`;
  const bounds = runs
    .map(({ effectiveSampleSize: own, elbo, eubo }) =>
      eubo === null ? '' : `  ESS ${short(own)}, ELBO ${elbo.toFixed(3)}, EUBO ${eubo.toFixed(3)} nats\n`,
    )
    .join('');
  return `\nTime to ${goal}\n\n  ${outcome}\n${bounds}`;
};

const trainText = (results: readonly IterationResult[], target: TargetResult): string =>
  [
    table([
      ['points', 'iteration', 'floor', 'ratio', 'dispatches', 'engine', 'a point', 'peak RSS'],
      ...results.map(({ poolSize, iteration, floor, dispatches, memory }) => [
        String(poolSize),
        timing(iteration),
        floor === null ? '–' : duration(floor.seconds),
        floor === null ? '–' : short(floor.ratio),
        String(dispatches),
        bytes(memory.engineBytes),
        bytes(memory.engineBytesPerPoint),
        bytes(memory.peakResidentBytes),
      ]),
    ]),
    ...results.map(stagesText),
    targetText(target),
  ].join('');

const drawText = ({ poolSize, batchSize, draws, perBatch, ...rest }: DrawResult): string =>
  [
    `${batchSize} of ${poolSize} points, a batch\n\n`,
    table([
      ['the first: plan, load, draw', timing(perBatch.first)],
      ['one of a loaded policy', timing(perBatch.one)],
      [`of ${draws} at once`, timing(perBatch.many)],
      ['greedy BatchBALD', timing(perBatch.greedy)],
      ['exact k-DPP', timing(perBatch.kdpp)],
    ]),
    '\n',
    facts([
      ['batches a second', short(rest.batchesPerSecond)],
      ['dispatches', `${rest.dispatches.one} for one batch, ${rest.dispatches.many} for ${draws}`],
      ['very first draw', duration(rest.coldSeconds)],
      ['to prepare the k-DPP', duration(rest.kdppPreparation)],
    ]),
  ].join('');

const gibbsText = ({ poolSize, batchSize, draws, perBatch, ...rest }: GibbsResult): string =>
  [
    `${batchSize} of ${poolSize} points at T = ${short(rest.temperature, 4)}\n\n`,
    table([
      ['one update', timing(rest.update)],
      ['the first draw, with its certificate', timing(perBatch.first)],
      [`one of ${draws} draws`, timing(perBatch.many)],
      ['greedy BatchBALD', timing(perBatch.greedy)],
      ['log Z by annealing', timing(rest.annealing)],
    ]),
    '\n',
    facts([
      ['certificate', certificateText(rest.certificate)],
      [
        'log Z',
        `${rest.logPartition.estimate.toFixed(3)} ± ${short(rest.logPartition.standardError, 2)} nats`,
      ],
    ]),
  ].join('');

const startText = ({ node, firstBatch, adapter, bundle, ...rest }: StartResult): string =>
  facts([
    ['Node itself', timing(node)],
    ['import of the package', timing(rest.import)],
    [
      'opening an adapter',
      adapter.open === null
        ? `– (${adapter.reason ?? ''})`
        : `${timing(adapter.open)} (${adapter.description ?? ''})`,
    ],
    ['reading model and features', timing(firstBatch.read)],
    ['first batch, with reading', timing(firstBatch.batch)],
    ['from the start of the process', timing(firstBatch.sinceStart)],
    ['problem', `${rest.batchSize} of ${rest.poolSize} points of ${rest.features} features, CPU engine`],
    [
      'bundle for a browser',
      bundle === null ? '– (esbuild is not installed)' : `${bytes(bundle.gzippedBytes)} gzipped`,
    ],
  ]);

const yes = (flat: boolean): string => (flat ? 'flat' : 'NOT FLAT');

const soakText = (result: SoakResult): string =>
  [
    table([
      ['iterations', 'buffers', 'bytes', 'resident', 'loss'],
      ...result.marks.map(({ iterations, buffers, bytes: held, residentBytes, loss }) => [
        String(iterations),
        String(buffers),
        bytes(held),
        bytes(residentBytes),
        short(loss, 6),
      ]),
    ]),
    '\n',
    facts([
      ['buffers', yes(result.flat.buffers)],
      ['bytes', yes(result.flat.bytes)],
      [
        'resident memory',
        `${yes(result.flat.residentBytes)}, last over median ${short(result.residentRatio, 4)}`,
      ],
      ['left afterwards', `${result.left.buffers} buffers`],
      ['a second training', result.sameBits ? 'the same bits' : 'OTHER BITS'],
      ['seconds', duration(result.seconds)],
    ]),
  ].join('');

const fitText = (fits: readonly FitResult[], factors: readonly FactorResult[]): string => {
  const peers = fits.flatMap(({ peer }) => (peer === null ? [] : [peer]));
  const present = peers.find((peer) => 'version' in peer);
  const absent = peers.find((peer) => 'reason' in peer);
  const heads = present === undefined ? [] : [`scikit-learn ${present.version}`, 'its log likelihood'];
  return [
    table([
      ['labels', 'features', 'length-scales', 'fit', 'likelihoods', 'log likelihood', ...heads],
      ...fits.map(({ labels, features, lengthScales, fit, evaluations, logLikelihood, peer }) => [
        String(labels),
        String(features),
        lengthScales === 'shared' ? 'shared' : 'one a feature',
        timing(fit),
        String(evaluations),
        `${logLikelihood.toFixed(2)} nats`,
        ...(peer !== null && 'version' in peer
          ? [duration(peer.seconds), `${peer.logLikelihood.toFixed(2)} nats`]
          : heads.map(() => '–')),
      ]),
    ]),
    ...(absent === undefined ? [] : [`  scikit-learn takes no part: ${absent.reason}.\n`]),
    '\n',
    table([
      ['factor', 'size', 'time', 'rate'],
      ...factors.map(({ name, size, time, gigaflops }) => [
        { cholesky: 'Cholesky', inverse: 'inverse from it', eigen: 'eigenvectors' }[name],
        `${size}×${size}`,
        timing(time),
        `${short(gigaflops)} GFLOP/s`,
      ]),
    ]),
  ].join('');
};

const bodyOf = (report: BenchReport): string => {
  switch (report.bench) {
    case 'kernels':
      return kernelsText(report.kernels, report.peers);
    case 'train':
      return trainText(report.iterations, report.target);
    case 'draw':
      return report.draws.map(drawText).join('\n');
    case 'gibbs':
      return report.gibbs.map(gibbsText).join('\n');
    case 'start':
      return startText(report.start);
    case 'soak':
      return soakText(report.soak);
    case 'fit':
      return fitText(report.fits, report.factors);
    case 'samplers':
      return samplersMarkdown(report.records);
    case 'strategies':
      return strategiesMarkdown(report.groups);
  }
};

/** A report for people: on what it was measured, and the figures. */
export const renderBench = (report: BenchReport & { readonly history?: HistoryReport }): string => {
  const { machine, engine, threads } = report;
  const software = engine?.software === true ? ' (software)' : '';
  return [
    ...(engine === null ? [] : [`${engine.kind}: ${engine.description}${software}; `]),
    ...(threads === null ? [] : [threads === 1 ? '1 thread; ' : `${threads} threads; `]),
    `${machine.processor}, ${machine.processors} processors, Node ${machine.node}\n\n`,
    bodyOf(report),
    ...(report.history === undefined ? [] : [historyText(report.history)]),
  ].join('');
};
