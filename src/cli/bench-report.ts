/** What does `batchgfn bench --json` print? One object a bench, its seconds as medians with their spread. */
import { cpus } from 'node:os';
import type { DrawResult } from '../bench/draw.js';
import type { FactorResult, FitResult } from '../bench/fit.js';
import type { GibbsResult } from '../bench/gibbs.js';
import type { KernelResult } from '../bench/kernels.js';
import type { Peer } from '../bench/peers.js';
import type { SamplerRecord } from '../bench/samplers/record.js';
import type { SoakResult } from '../bench/soak.js';
import type { StartResult } from '../bench/start.js';
import type { PoolGroup } from '../bench/strategies/summary.js';
import type { TargetResult } from '../bench/target.js';
import type { IterationResult, IterationSizes } from '../bench/train.js';
import type { Engine } from '../engine/index.js';

/** On what it was measured. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly processors: number;
}

/** This machine, as Node sees it. */
export const machineOf = (): Machine => ({
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model ?? 'unknown',
  processors: cpus().length,
});

/** The engine that worked. */
export type ReportedEngine = Pick<Engine, 'kind' | 'description' | 'software'>;

/** What all have in common; the engine is null where several processes have their own. */
interface Common {
  readonly machine: Machine;
  readonly engine: ReportedEngine | null;
  /** Of the CPU engine; null of others. */
  readonly threads: number | null;
  readonly seed: number;
}

/** The report of a bench. */
export type BenchReport = Common &
  (
    | {
        readonly bench: 'kernels';
        readonly kernels: readonly KernelResult[];
        readonly peers: readonly Pick<Peer, 'name' | 'version' | 'reason'>[] | null;
      }
    | {
        readonly bench: 'train';
        readonly sizes: Omit<IterationSizes, 'poolSize'>;
        readonly iterations: readonly IterationResult[];
        readonly target: TargetResult;
      }
    | { readonly bench: 'draw'; readonly draws: readonly DrawResult[] }
    | { readonly bench: 'gibbs'; readonly gibbs: readonly GibbsResult[] }
    | { readonly bench: 'start'; readonly start: StartResult }
    | { readonly bench: 'soak'; readonly soak: SoakResult }
    | {
        readonly bench: 'fit';
        readonly fits: readonly FitResult[];
        readonly factors: readonly FactorResult[];
      }
    | { readonly bench: 'samplers'; readonly records: readonly SamplerRecord[] }
    | { readonly bench: 'strategies'; readonly groups: readonly PoolGroup[] }
  );
