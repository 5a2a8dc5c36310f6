/**
 * In which encoding is a text? UTF-8; UTF-16 by its byte order mark, or by a zero in every second of its first bytes; else, where the
 * first bytes beyond ASCII are no UTF-8, Latin-1 as Windows has it (windows-1252). What is neither is no text.
 */
import * as E from '#fp-ts/Either';

/** What is wrong with bytes that are no text, and what to change. */
export interface NoText {
  readonly problem: string;
  readonly remedy: string;
}

/** Takes bytes in pieces of any size, and gives their text. */
export interface TextReader {
  readonly decode: (bytes: Uint8Array) => E.Either<NoText, string>;
  readonly finish: () => E.Either<NoText, string>;
  /** What there is to say of the encoding, once all is read. */
  readonly note: () => string | undefined;
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const notUtf8: NoText = {
  problem: 'the file is not UTF-8 text',
  remedy: 'Save the table as "CSV UTF-8" and give that file',
};

const notText: NoText = {
  problem: 'the file is no text, neither UTF-8 nor UTF-16 nor Latin-1',
  remedy: 'Save the table as "CSV UTF-8" and give that file',
};

const notes: Readonly<Record<Encoding, string | undefined>> = {
  'utf-8': undefined,
  'utf-16le': 'it was read as UTF-16',
  'utf-16be': 'it was read as UTF-16',
  'windows-1252': 'it is not UTF-8, and was read as Latin-1 (Windows-1252)',
};

/** The encoding that the first bytes tell. */
const encodingOf = ([a = -1, b = -1, c = -1, d = -1]: Uint8Array): Encoding => {
  if ((a === 0xff && b === 0xfe) || (a > 0 && b === 0 && c > 0 && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b > 0 && c === 0 && d > 0)) return 'utf-16be';
  return 'utf-8';
};

const isAscii = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) >= 0x80) return false;
  return true;
};

/** Bytes that Windows-1252 has no character for, and controls that no text has. */
const isNone = (byte: number): boolean =>
  byte <= 8 ||
  (byte >= 14 && byte < 32) ||
  byte === 0x81 ||
  byte === 0x8d ||
  byte === 0x8f ||
  byte === 0x90 ||
  byte === 0x9d;

const allAreText = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (isNone(bytes[i] ?? 0)) return false;
  return true;
};

/** Where a character of UTF-8 begins that goes on behind the last byte; the length where none does. */
const cutAt = (bytes: Uint8Array): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
};

const behind = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};

const nothing = new Uint8Array(0);

/** A reader of one text. */
export const textReader = (): TextReader => {
  let encoding: Encoding | undefined;
  let decoder = new TextDecoder('utf-8', { fatal: true });
  // Up to here every byte was ASCII: what follows may be of any encoding that contains it.
  let ascii = true;
  let held = nothing;

  const by = (bytes: Uint8Array | undefined, otherwise: NoText): E.Either<NoText, string> =>
    E.tryCatch(
      () => (bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })),
      () => otherwise,
    );

  const setEncoding = (next: Encoding): void => {
    encoding = next;
    decoder = new TextDecoder(next, { fatal: true });
  };

  /** Latin-1 where nothing beyond ASCII was UTF-8 so far. */
  const latin = (bytes: Uint8Array): E.Either<NoText, string> => {
    if (!ascii || !allAreText(bytes)) return E.left(notUtf8);
    setEncoding('windows-1252');
    return by(bytes, notText);
  };

  const utf8 = (bytes: Uint8Array): E.Either<NoText, string> => {
    if (isAscii(bytes)) return by(bytes, notUtf8);
    const cut = cutAt(bytes);
    // A character that another one cuts short is none of UTF-8, and no piece that comes can finish it.
    if (cutAt(bytes.subarray(0, cut)) < cut) return latin(bytes);
    const text = by(bytes.subarray(0, cut), notUtf8);
    if (E.isLeft(text)) return latin(bytes);
    ascii &&= isAscii(bytes.subarray(0, cut));
    held = bytes.slice(cut);
    return text;
  };

  return {
    decode: (piece) => {
      if (encoding === undefined) setEncoding(encodingOf(piece));
      if (encoding === 'windows-1252') return allAreText(piece) ? by(piece, notText) : E.left(notText);
      if (encoding !== 'utf-8') return by(piece, notText);
      const bytes = behind(held, piece);
      held = nothing;
      return utf8(bytes);
    },
    finish: () => {
      if (held.length > 0) return latin(held);
      return by(undefined, encoding === 'utf-8' ? notUtf8 : notText);
    },
    note: () => notes[encoding ?? 'utf-8'],
  };
};
