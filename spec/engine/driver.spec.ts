// Whether there can be a Vulkan driver is known before Dawn is loaded: on Linux by the loader and a manifest, and never wrongly
// denied where somebody names a driver or the system brings another interface.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { missingDriver, type DriverHost } from '../../src/engine/webgpu/driver.js';

/** A machine that has these files, and these lines in the loader's cache. */
const host = (
  files: readonly string[],
  { env = {}, platform = 'linux', cache = '' }: Partial<DriverHost> & { readonly cache?: string } = {},
): DriverHost => ({
  platform,
  env,
  list: (folder) =>
    files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1)),
  read: (file) => (file === '/etc/ld.so.cache' ? cache : files.includes(file) ? '{}' : ''),
});

const loader = '/usr/lib/libvulkan.so.1';
const manifest = '/usr/share/vulkan/icd.d/lvp_icd.json';

test('both halves are needed, and what is missing is named', () => {
  assert.match(missingDriver(host([])) ?? '', /no Vulkan loader \(libvulkan\.so\.1\)/);
  assert.match(missingDriver(host([manifest])) ?? '', /no Vulkan loader/);
  assert.match(missingDriver(host([loader])) ?? '', /no Vulkan driver \(no manifest/);
  assert.match(missingDriver(host([loader, '/usr/share/vulkan/icd.d/readme.txt'])) ?? '', /no Vulkan driver/);
  assert.is(missingDriver(host([loader, manifest])), undefined);
  assert.is(missingDriver(host([manifest], { cache: 'a\0libvulkan.so.1\0b' })), undefined);
});

test('other systems, and drivers that are named and there, are never denied', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'),
      fc.constantFrom('darwin', 'win32', 'freebsd'),
      (name, platform) => {
        for (const place of ['/x.json', '/y.json:/x.json', '/drivers', ':/drivers'])
          assert.is(
            missingDriver(host(['/x.json', '/drivers/a.json'], { env: { [name]: place } })),
            undefined,
          );
        for (const place of ['/nowhere.json', '/a:/b'])
          assert.is(
            missingDriver(host([loader, manifest], { env: { [name]: place } })),
            `${name} names no driver that can be read`,
          );
        assert.is(missingDriver(host([], { platform })), undefined);
        assert.type(missingDriver(host([], { env: { [name]: '' } })), 'string');
      },
    ),
    { seed: 1, numRuns: 20 },
  );
});

test('every folder that the loader reads is looked at', () => {
  for (const [folder, env] of [
    ['/h/.config', { HOME: '/h' }],
    ['/h/.local/share', { HOME: '/h' }],
    ['/c', { XDG_CONFIG_HOME: '/c' }],
    ['/b', { XDG_CONFIG_DIRS: '/a:/b' }],
    ['/etc/xdg', {}],
    ['/etc', {}],
    ['/usr/local/etc', {}],
    ['/d', { XDG_DATA_HOME: '/d' }],
    ['/e', { XDG_DATA_DIRS: '/e' }],
    ['/usr/local/share', {}],
    ['/run/opengl-driver/share', {}],
  ] as const) {
    const found = host([loader, `${folder}/vulkan/icd.d/a.json`], { env });
    assert.is(missingDriver(found), undefined, folder);
  }
  const own = host(['/opt/lib/libvulkan.so.1', manifest], { env: { LD_LIBRARY_PATH: '/x:/opt/lib' } });
  assert.is(missingDriver(own), undefined);
});

test('where there is no driver, nothing but the program writes to stderr', () => {
  const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));
  const words = ['demo', '--iterations', '1', '--pool-size', '12', '--batch-size', '2'];
  const { stderr, status } = spawnSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  // On a machine that has a driver Dawn may speak of it.
  if (stderr !== '') assert.not.match(stderr, /Couldn't load Vulkan/);
});

test.run();
