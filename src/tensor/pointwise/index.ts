/** The pointwise primitives by name; `keyof typeof pointwise` is what the rest is total over. */
import * as arithmetic from './arithmetic.js';
import { cast } from './cast.js';
import { select } from './select.js';

/** Every pointwise primitive by its name: its constructor, which carries its record. */
export const pointwise = { ...arithmetic, select, cast };

/** The name of a pointwise primitive. */
export type PointwiseName = keyof typeof pointwise;
