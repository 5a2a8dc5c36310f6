/** The page of `batchgfn explore`, served as users have it, and what is done on it by several specs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'puppeteer-core';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';

/** What a test of the page has: its address, and a folder that is empty at first. */
export interface Explored {
  readonly address: string;
  readonly folder: string;
}

/** Starts the program, and gives it with the address that it prints. */
export const explore = async (): Promise<{ readonly server: ChildProcess; readonly address: string }> => {
  const server = spawn(process.execPath, [path.resolve('dist/node/main.js'), 'explore'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await new Promise<string>((resolve) => {
    server.stdout.setEncoding('utf8').on('data', (text: string) => resolve(text.trim()));
  });
  return { server, address };
};

/** Tests of the page, which is served meanwhile. */
export const pageSuite = (name: string): Test<Explored> => {
  let server: ChildProcess | undefined;
  const test = suite<{ address: string; folder: string }>(name, { address: '', folder: '' });
  test.before(async (context) => {
    context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
    ({ server, address: context.address } = await explore());
    assert.match(context.address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  });
  test.after(async ({ folder }) => {
    rmSync(folder, { recursive: true });
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server?.kill('SIGINT');
    assert.is(await ended, 130);
  });
  return test;
};

/** An expression of the page: nothing trains. */
export const isIdle = `document.querySelector('#play').textContent !== 'Pause'`;

/** An expression of the page: a button is there, and does something. */
export const isFree = (id: string): string =>
  `(document.querySelector('#${id}')?.matches(':not([aria-disabled])') ?? false)`;

/** A value in a field, as typed. */
export const types = (page: Page, field: string, value: string): Promise<unknown> =>
  page.evaluate(`(() => {
    const own = document.querySelector('${field}');
    own.value = '${value}';
    own.dispatchEvent(new Event('change'));
  })()`);

/** A file is dropped. */
export const dropFile = (page: Page, name: string, bytes: Uint8Array): Promise<unknown> =>
  page.evaluate(`(() => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(${JSON.stringify(Array.from(bytes))});
    transfer.items.add(new File([bytes], ${JSON.stringify(name)}));
    document.querySelector('#drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  })()`);
