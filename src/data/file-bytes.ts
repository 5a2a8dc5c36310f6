/**
 * How do the bytes of a file come, whatever kind of file it is? A pipe that has a name is opened without waiting for who writes to
 * it, which no signal could end, and looked at again and again instead. (Only Node.)
 */
import { constants, createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';

const PIECE = 2 ** 18;

/** Milliseconds between two looks at a pipe that gives nothing, and until a pipe to which nobody writes is given up. */
const [pause, patience] = [10, 10_000];

const waited = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether a path is one of this process's own pipes, that of `<(command)` in a shell: who writes to it is there from the beginning. */
const isOwn = (path: string): boolean =>
  ['/dev/fd/', '/dev/std', '/proc/'].some((place) => path.startsWith(place));

/** A named pipe to which nobody writes. */
class NobodyWrites extends Error {
  constructor() {
    super('nothing writes to this pipe; begin what does, then do it again');
  }
}

/** The bytes of a pipe until it is closed; none any more once the signal is aborted. Without a signal it gives up after a while. */
async function* pipePieces(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let isWritten = isOwn(path);
    for (let idle = 0; signal?.aborted !== true;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const count = await handle.read(piece, 0, PIECE, null).then(
        ({ bytesRead }) => bytesRead,
        (error: unknown) => {
          // Somebody holds it open and has not written yet.
          if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return -1;
          throw error;
        },
      );
      if (count > 0) yield piece.subarray(0, count);
      if (count === 0 && isWritten) return;
      isWritten ||= count !== 0;
      if (count > 0) continue;
      if (!isWritten && signal === undefined && (idle += pause) > patience) throw new NobodyWrites();
      await waited(pause);
    }
  } finally {
    await handle.close();
  }
}

/** A file as it is read. */
export interface FileStream {
  readonly stream: Readable;
  /** How many bytes it has; 0 of a pipe, which ends when it does. */
  readonly size: number;
  /** Whether it may give nothing for ever. */
  readonly isPipe: boolean;
  /** Whether the signal ends the bytes, so that after it their end is not the file's. */
  readonly endsWithSignal: boolean;
}

/** The bytes of a file as a stream; those of a pipe until the signal is aborted. Rejects where there is none. */
export const fileStream = async (path: string, signal?: AbortSignal): Promise<FileStream> => {
  const found = await stat(path);
  return found.isFIFO()
    ? { stream: Readable.from(pipePieces(path, signal)), size: 0, isPipe: true, endsWithSignal: true }
    : {
        stream: createReadStream(path, { highWaterMark: PIECE }),
        size: found.isFile() ? found.size : 0,
        isPipe: false,
        endsWithSignal: false,
      };
};

/** All bytes of a file. Rejects where it cannot be read, and of a pipe to which nobody writes for ten seconds. */
export const fileBytes = async (path: string): Promise<Uint8Array> => {
  if (!(await stat(path)).isFIFO()) return readFile(path);
  const pieces: Uint8Array[] = [];
  for await (const piece of pipePieces(path)) pieces.push(piece);
  return Buffer.concat(pieces);
};
