/**
 * Would the specs notice a fault? A seeded sample of small faults (mutants.ts), each put into a copy of the compiled program and
 * met by the specs that are nearest to it (graph.ts). Those that no spec notices are listed with their place and their diff.
 *
 *   npm run mutate -- [--count N] [--seed S] [--only PATH] [--at-once N] [--seconds S]
 *
 * A spec has to pass without a fault first, in ten times S seconds, or is left out; what it executes is kept (coverage.ts). A mutant
 * meets specs that execute its place, near and fast ones first: one whatever it takes, and others that take S seconds together
 * without a fault. A spec has caught it that fails a test (first-failure.ts), or that takes four times as long, and not so without
 * it. What was found is kept in .mutants, and a run that was stopped goes on from there; with more seconds it lets the survivors
 * meet more specs. The same seed takes the same mutants, and more of them for a larger count.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, runFile } from '../support/run.js';
import { compiledOf, root, sources } from './compile.js';
import { type Coverage, coverageIn, executes, firstDifference } from './coverage.js';
import { importersIn, type Seeing, specsFor } from './graph.js';
import { diffOf, mutantsOf, mutated, type Mutant } from './mutants.js';

const build = path.join(root, '.build');
const place = path.join(root, '.mutants');
const resultsFile = path.join(place, 'results.jsonl');

interface Sampled {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly mutant: Mutant;
}

/** What became of a mutant, or of a spec without one (`by` is null, `id` the spec). */
interface Result {
  readonly id: string;
  readonly caught: boolean;
  readonly by: string | null;
  readonly seconds: number;
  /** The seconds' worth of specs that a survivor may have met. */
  readonly patience?: number;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The mutants of the sources, in an order that hangs on the seed alone. */
const sample = (seed: string, only: string): readonly Sampled[] =>
  sources
    .filter((file) => file.includes(only))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const own = hashOf(text);
      return mutantsOf(file, text).map((mutant) => ({
        ...{ file, text, mutant },
        id: [file, mutant.start, mutant.end, mutant.after, own].join('|'),
      }));
    })
    .map((one) => ({ one, order: hashOf(`${seed}|${one.id}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ one }) => one);

/** Runs a spec of a tree up to its first failure; whether it passed, and in how many seconds. */
const runSpec = async (
  tree: string,
  spec: string,
  limit: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly passed: boolean; readonly stopped: boolean; readonly seconds: number }> => {
  const started = performance.now();
  const ending = await runFile(
    path.join(tree, spec),
    { seconds: limit, words: `${limit} s` },
    ['--import', pathToFileURL(path.join(tree, 'spec/mutate/first-failure.js')).href],
    environment,
  );
  const seconds = (performance.now() - started) / 1000;
  return { passed: judge(ending).fault === undefined, stopped: ending.limit !== undefined, seconds };
};

/** A copy of the compiled program, beside which everything lies that specs look for at the root. */
const treeOf = (lane: number): string => {
  const tree = path.join(place, String(lane));
  rmSync(tree, { recursive: true, force: true });
  cpSync(build, tree, { recursive: true });
  for (const name of readdirSync(root))
    if (!name.startsWith('.') && !existsSync(path.join(place, name)))
      symlinkSync(path.join(root, name), path.join(place, name));
  return tree;
};

const LEAST_LIMIT = 10;

/** A spec without a fault: what it takes, and the places it comes to. */
interface Baseline {
  readonly seconds: number;
  readonly coverage: Coverage;
}

interface Baselines {
  /** Measured when it is first asked for; null where the spec fails even so, or takes longer than any mutant is worth. */
  readonly of: (spec: string) => Promise<Baseline | null>;
  /** Seconds as far as they are known, and else what is usual. */
  readonly guess: (spec: string) => number;
}

const USUAL = 2;

/** How much longer a spec may take without a fault than specs together with one. */
const SLOW = 10;

const baselines = (
  results: ReadonlyMap<string, Result>,
  patience: number,
  note: (result: Result) => void,
): Baselines => {
  const running = new Map<string, Promise<Baseline | null>>();
  const idOf = (spec: string): string => `${spec}|${hashOf(readFileSync(path.join(build, spec), 'utf8'))}`;
  const limit = SLOW * patience;
  const measured = async (spec: string): Promise<Baseline | null> => {
    const id = idOf(spec);
    const before = results.get(id);
    const kept = path.join(place, 'coverage', `${hashOf(id)}.json`);
    if (before?.caught === false && existsSync(kept))
      return { seconds: before.seconds, coverage: JSON.parse(readFileSync(kept, 'utf8')) as Coverage };
    // What was stopped may pass when there is more time.
    if (before?.caught === true && before.seconds >= limit) return null;
    const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-coverage-'));
    const { passed, seconds } = await runSpec(build, spec, limit, { NODE_V8_COVERAGE: folder });
    const coverage = passed ? coverageIn(folder, build) : {};
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(kept, JSON.stringify(coverage));
    note({ id, caught: !passed, by: null, seconds });
    if (!passed)
      console.log(`# ${spec} ${seconds < limit ? 'fails' : 'takes too long'} without a fault: left out`);
    return passed ? { seconds, coverage } : null;
  };
  return {
    of: (spec) => {
      const promise = running.get(spec) ?? measured(spec);
      running.set(spec, promise);
      return promise;
    },
    guess: (spec) => results.get(idOf(spec))?.seconds ?? USUAL,
  };
};

/** The nearest first, and the fastest: beyond a second, four times the seconds count as much as one import more. */
const inOrder = (seeing: readonly Seeing[], { guess }: Baselines): readonly string[] =>
  seeing
    .map(({ spec, distance }) => ({ spec, rank: distance + Math.log2(Math.max(1, guess(spec))) / 2 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ spec }) => spec);

/** Puts a mutant into a tree and lets specs meet it. */
const meet = async (
  tree: string,
  { id, file, text, mutant }: Sampled,
  specs: readonly string[],
  patience: number,
  { of: baseline }: Baselines,
): Promise<Result> => {
  const target = path.join(tree, file.replace(/\.ts$/, '.js'));
  const original = readFileSync(target);
  const faulty = compiledOf(file, mutated(text, mutant));
  const offset = firstDifference(compiledOf(file, text), faulty);
  let [first, total] = [0, 0];
  try {
    writeFileSync(target, faulty);
    for (const spec of specs) {
      const plain = await baseline(spec);
      if (plain === null || !executes(plain.coverage, file.replace(/\.ts$/, '.js'), offset)) continue;
      const usual = plain.seconds;
      // A slow first one takes nothing from the others.
      if (total > 0 && total - first + usual > patience) continue;
      if (total === 0) first = usual;
      total += usual;
      const limit = Math.max(LEAST_LIMIT, 4 * usual);
      const { passed, stopped, seconds } = await runSpec(tree, spec, limit);
      // On a busy machine a spec may run out of time by itself, and then it has said nothing.
      if (!passed && (!stopped || (await runSpec(build, spec, limit)).passed))
        return { id, caught: true, by: spec, seconds };
    }
    return {
      id,
      caught: false,
      by: total === 0 ? 'no spec executes that place' : null,
      seconds: total,
      patience,
    };
  } finally {
    writeFileSync(target, original);
  }
};

const keptResults = (): ReadonlyMap<string, Result> =>
  new Map(
    (existsSync(resultsFile) ? readFileSync(resultsFile, 'utf8').split('\n') : [])
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Result)
      .map((result) => [result.id, result]),
  );

const report = (all: readonly Sampled[], results: ReadonlyMap<string, Result>): void => {
  const met = all.flatMap((one) => {
    const result = results.get(one.id);
    return result === undefined ? [] : [{ one, result }];
  });
  const survivors = met.filter(({ result }) => !result.caught);
  for (const { one, result } of survivors) {
    const { line, diff } = diffOf(one.text, one.mutant);
    console.log(
      `\n${one.file}:${line} (${one.mutant.operator})${result.by === null ? '' : `, ${result.by}`}`,
    );
    console.log(diff.replace(/^/gm, '    '));
  }
  const caught = met.length - survivors.length;
  console.log(`\n${caught} of ${met.length} mutants caught, ${survivors.length} survived`);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      seed: { type: 'string', default: '0' },
      only: { type: 'string', default: '' },
      'at-once': { type: 'string', default: '2' },
      seconds: { type: 'string', default: '30' },
    },
  });
  mkdirSync(path.join(place, 'coverage'), { recursive: true });
  const results = new Map(keptResults());
  const note = (result: Result): void => {
    results.set(result.id, result);
    appendFileSync(resultsFile, `${JSON.stringify(result)}\n`);
  };
  const all = sample(values.seed, values.only).slice(0, Number(values.count));
  const patience = Number(values.seconds);
  const waiting = all.filter(({ id }) => {
    const result = results.get(id);
    return result === undefined || (!result.caught && (result.patience ?? 0) < patience);
  });
  console.log(`${all.length} mutants, ${all.length - waiting.length} of them met before`);
  const importers = importersIn(build);
  const known = baselines(results, patience, note);
  let stopped = false;
  process.once('SIGINT', () => (stopped = true));
  const lane = async (_: unknown, index: number): Promise<void> => {
    const tree = treeOf(index);
    for (let one = waiting.shift(); one !== undefined && !stopped; one = waiting.shift()) {
      const specs = inOrder(specsFor(importers, one.file.replace(/\.ts$/, '.js')), known);
      const result = await meet(tree, one, specs, patience, known);
      note(result);
      const { line } = diffOf(one.text, one.mutant);
      console.log(
        `${result.caught ? 'caught  ' : 'SURVIVED'} ${one.file}:${line} (${one.mutant.operator}) ${result.by ?? ''} ${result.seconds.toFixed(1)} s`,
      );
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, lane));
  report(all, results);
};

await main();
