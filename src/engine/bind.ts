/** Checking and converting what a caller hands to a loaded program: shared by the engines. */
import { requireWhole } from '../misuse.js';
import type { TypedArray } from '../tensor/expression.js';
import { allocate, dtypeOf, showType, sizeOf } from '../tensor/expression.js';
import type { RunRequest } from './engine.js';
import type { Plan } from './plan.js';

/** A host value ready for a slot. */
export interface Bound {
  readonly name: string;
  readonly slot: number;
  readonly values: TypedArray;
}

/**
 * The inputs of a request, each in the dtype of its program input. Throws a TypeError for an unknown name or a wrong
 * length, saying what the program takes.
 */
export const bindInputs = (plan: Plan, request: RunRequest): readonly Bound[] =>
  Object.entries(request.inputs ?? {}).map(([name, values]) => {
    const type = plan.inputs[name];
    if (type === undefined)
      throw new TypeError(
        `run: the program has no input '${name}'; it takes ${Object.keys(plan.inputs).join(', ') || 'none'}`,
      );
    if (values.length !== sizeOf(type.shape))
      throw new TypeError(
        `run: the input '${name}' is ${showType(type)}, ${sizeOf(type.shape)} elements, and was given ${values.length}`,
      );
    if (dtypeOf(values) === type.dtype) return { name, slot: type.slot, values };
    const converted = allocate(type.dtype, values.length);
    converted.set(values);
    return { name, slot: type.slot, values: converted };
  });

/** Throws a TypeError that names the inputs which were never set. */
export const requireInputs = (plan: Plan, set: ReadonlySet<string>): void => {
  const missing = Object.keys(plan.inputs).filter((name) => !set.has(name));
  if (missing.length > 0)
    throw new TypeError(`run: the inputs ${missing.join(', ')} were never set; pass them in 'inputs'`);
};

/**
 * The number of steps of a request: 1 by default; 0 only sets inputs and reads carried ones. Throws a TypeError for
 * anything but a whole number from 0.
 */
export const stepsOf = ({ steps = 1 }: RunRequest): number => {
  requireWhole('run', 'steps', steps);
  return steps;
};

/**
 * The names to read: those asked for, or all outputs (all carried inputs where no step is made). Throws a TypeError for
 * an unknown one, and for an output where no step is made that could write it.
 */
export const namesToRead = (plan: Plan, request: RunRequest): readonly string[] => {
  const resting = stepsOf(request) === 0;
  const names = request.read ?? Object.keys(resting ? plan.carry : plan.outputs);
  const early = names.filter((name) => resting && plan.outputs[name] !== undefined);
  if (early.length > 0)
    throw new TypeError(
      `run: no step writes ${early.join(', ')}; ask for 1 step or more, or for carried inputs alone`,
    );
  const unknown = names.filter((name) => plan.outputs[name] === undefined && plan.carry[name] === undefined);
  if (unknown.length > 0)
    throw new TypeError(
      `run: cannot read ${unknown.join(', ')}; the program has the outputs ${Object.keys(plan.outputs).join(', ')} and carries ${Object.keys(plan.carry).join(', ') || 'nothing'}`,
    );
  return names;
};
