/**
 * How specs reach a WebGPU device on a bare Linux x64 machine: with npm and nothing else.
 *
 * The development dependency @sparticuz/chromium carries SwiftShader, a Vulkan driver in software, and a Vulkan
 * loader. They are unpacked once into node_modules/.cache, the loader is pointed at the driver and loaded into the
 * process, and Dawn (npm `webgpu`) then finds it by its name.
 *
 * To use what a machine has of its own:
 *   BATCHGFN_SPEC_ADAPTER=system      whatever driver and loader the system offers
 *   VK_DRIVER_FILES=/path/to.json     (or VK_ICD_FILENAMES) this driver; the unpacked loader helps out if there is none
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { extract } from 'tar-fs';

const packageName = '@sparticuz/chromium';
const wanted: readonly string[] = ['libvk_swiftshader.so', 'vk_swiftshader_icd.json', 'libvulkan.so.1'];

/** The folder of an installed package, found upwards of its entry point. */
const packageFolder = (): string => {
  let folder = dirname(fileURLToPath(import.meta.resolve(packageName)));
  while (!existsSync(join(folder, 'package.json')) || !existsSync(join(folder, 'bin'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`${packageName} has no bin folder; run npm ci`);
    folder = above;
  }
  return folder;
};

/** The folder that holds driver and loader. Two processes may unpack at once: the first to finish wins. */
const unpacked = async (): Promise<string> => {
  const source = packageFolder();
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const cache = join(source, '../../.cache/batchgfn');
  const target = join(cache, `swiftshader-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(join(cache, 'unpacking-'));
  const archive = brotliDecompressSync(readFileSync(join(source, 'bin/swiftshader.tar.br')));
  await pipeline(
    Readable.from([archive]),
    extract(own, { ignore: (_, header) => header !== undefined && !wanted.includes(header.name) }),
  );
  try {
    renameSync(own, target);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
};

/** Loads a library for good, so that Dawn finds it by name. False where there is none of that name. */
const loadLibrary = (name: string): boolean => {
  const neverUnloaded = 0x1000; // RTLD_NODELETE, which Node does not name
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, name, RTLD_NOW | RTLD_GLOBAL | neverUnloaded);
    return true;
  } catch (error) {
    // No Node addon, so Node complains after it was loaded.
    return String(error).includes('self-register');
  }
};

/** Makes a Vulkan driver reachable. Call it before the first GPU is asked for; rejects where the files are missing. */
export const provideDriver = async (): Promise<void> => {
  const { env } = process;
  if (env['BATCHGFN_SPEC_ADAPTER'] === 'system') return;
  const folder = await unpacked();
  if (env['VK_DRIVER_FILES'] === undefined && env['VK_ICD_FILENAMES'] === undefined) {
    const driver = join(folder, 'vk_swiftshader_icd.json');
    env['VK_DRIVER_FILES'] = driver;
    env['VK_ICD_FILENAMES'] = driver;
  }
  if (!loadLibrary('libvulkan.so.1') && !loadLibrary(join(folder, 'libvulkan.so.1')))
    throw new Error(`no Vulkan loader, neither the system's nor ${folder}/libvulkan.so.1`);
};
