/**
 * How far do numbers lie from their mean? The standard deviation with n − 1 below, in units of the largest of their absolute
 * values, so that neither sum overflows.
 */

/** Smaller than this, a relative deviation is rounding and not variation. */
export const roundingDeviation = 1e-12;

/** The mean and the standard deviation of numbers, both over the largest of their absolute values. */
export interface RelativeDeviation {
  /** 0 of no numbers. */
  readonly largest: number;
  readonly centre: number;
  readonly deviation: number;
}

/** The deviation of finite numbers; all three are 0 where all numbers are, or there is none. */
export const relativeDeviation = (values: Float64Array): RelativeDeviation => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] ?? NaN));
  if (largest === 0) return { largest, centre: 0, deviation: 0 };
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? NaN) / largest;
  const centre = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const off = (values[i] ?? NaN) / largest - centre;
    squares += off * off;
  }
  return { largest, centre, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
};
