/**
 * A browser on a bare Linux x64 machine, with npm and nothing else: the headless Chromium of the development dependency
 * @sparticuz/chromium, unpacked once into node_modules/.cache, driven by puppeteer-core. WebGPU is its own SwiftShader, or switched off.
 *
 * Everything that the browser asks of another address than 127.0.0.1 goes through a proxy of the spec, whoever asks for it (the page,
 * its worker, the browser itself), and is noted there.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

const cache = path.resolve('node_modules/.cache/batchgfn');

/** The browser, unpacked. Two processes may do so at once: the first to finish wins. The package unpacks into the folder for temporary files. */
const unpacked = async (): Promise<string> => {
  const manifest = path.resolve('node_modules/@sparticuz/chromium/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const target = path.join(cache, `chromium-${version}`);
  if (!existsSync(target)) {
    mkdirSync(cache, { recursive: true });
    const own = mkdtempSync(path.join(cache, 'unpacking-'));
    const { env } = process;
    const before = env['TMPDIR'];
    try {
      env['TMPDIR'] = own;
      await chromium.executablePath();
    } finally {
      if (before === undefined) delete env['TMPDIR'];
      else env['TMPDIR'] = before;
    }
    try {
      renameSync(own, target);
    } catch (error) {
      rmSync(own, { recursive: true, force: true });
      if (!existsSync(target)) throw error;
    }
  }
  return path.join(target, 'chromium');
};

const graphics = /use-gl|use-angle|webgl|gpu|swiftshader/;

const withWebgpu: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--ignore-gpu-blocklist',
  '--enable-unsafe-swiftshader',
];

/** A browser, what it asked of other addresses, and how it ends. */
interface OpenBrowser {
  readonly browser: Browser;
  readonly elsewhere: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens a browser with WebGPU or without. */
const openBrowser = async (webgpu: boolean): Promise<OpenBrowser> => {
  const elsewhere: string[] = [];
  const proxy = createServer((request, response) => {
    elsewhere.push(request.url ?? '');
    response.writeHead(403).end();
  });
  proxy.on('connect', (request, socket) => {
    elsewhere.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const browser = await puppeteer.launch({
    executablePath: await unpacked(),
    headless: 'shell',
    args: [
      ...chromium.args.filter((argument) => !graphics.test(argument)),
      ...(webgpu ? withWebgpu : ['--disable-gpu']),
      `--proxy-server=127.0.0.1:${port}`,
    ],
  });
  return {
    browser,
    elsewhere,
    close: async () => {
      await browser.close();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
};

/** How a page is looked at. */
export interface Look {
  readonly webgpu?: boolean;
  readonly width?: number;
  readonly hasTouch?: boolean;
  /** Runs in the page before its own scripts. */
  readonly before?: string;
}

/** A page, and what it complained of: errors on its console, scripts that failed, files that did not come. */
const openPage = async (
  { browser }: OpenBrowser,
  address: string,
  { width = 1280, hasTouch = false, before }: Look,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`);
  });
  await page.setViewport({ width, height: 900, hasTouch });
  if (before !== undefined) await page.evaluateOnNewDocument(before);
  await page.goto(address);
  return { page, complaints };
};

/**
 * Opens a page in a browser of its own, and closes that whatever comes of it. Fails where the page complained of something, or asked
 * anything of another address.
 */
export const withPage = async <A>(
  address: string,
  see: (page: Page) => Promise<A>,
  look: Look = {},
): Promise<A> => {
  const opened = await openBrowser(look.webgpu === true);
  try {
    const { page, complaints } = await openPage(opened, address, look);
    const seen = await see(page);
    const wrong = [...complaints, ...opened.elsewhere];
    if (wrong.length > 0) throw new Error(`the page complained, or asked elsewhere: ${wrong.join('; ')}`);
    return seen;
  } finally {
    await opened.close();
  }
};

/** Waits until an expression of the page holds. Rejects with what the page shows where it never does. */
export const until = async (page: Page, expression: string, seconds = 60): Promise<void> => {
  try {
    await page.waitForFunction(expression, { timeout: 1000 * seconds, polling: 100 });
  } catch {
    const shown = await page.evaluate(
      `[...document.querySelectorAll('.trouble, .figures > div')].map((one) => one.textContent).join(' | ')`,
    );
    throw new Error(`the page never had ${expression}; it shows: ${String(shown)}`);
  }
};

/** The text of an element. */
export const textOf = async (page: Page, selector: string): Promise<string> =>
  String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`));
