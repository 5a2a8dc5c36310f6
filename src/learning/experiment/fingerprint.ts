/**
 * Were two records made under the same settings? By a short fingerprint: FNV-1a with 32 bits, from two offsets, over the
 * JSON of the settings. It tells mistakes, not attacks. Source: Fowler, Noll, Vo, RFC 9923.
 */
const PRIME = 0x01000193;
const OFFSETS = [0x811c9dc5, 0x6c62272e];

const hash = (text: string, offset: number): string => {
  let state = offset;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), PRIME);
  return (state >>> 0).toString(16).padStart(8, '0');
};

/** 16 hexadecimal digits out of plain data. The same data with its keys in another order has another one. */
export const fingerprintOf = (settings: unknown): string => {
  const text = JSON.stringify(settings);
  return OFFSETS.map((offset) => hash(text, offset)).join('');
};
