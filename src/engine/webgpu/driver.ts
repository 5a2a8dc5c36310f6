/**
 * Can there be a Vulkan driver on this machine? Dawn writes lines of its own to stderr where it finds none, so on Linux it is
 * loaded only where the system has both halves that it needs: the loader, libvulkan.so.1, and the manifest of a driver in one of
 * the folders that the loader reads (Vulkan-Loader, LoaderDriverInterface.md, "Linux Driver Discovery"). Elsewhere the system
 * brings Metal or Direct3D 12.
 */

/** What is wanted of Node's process. */
export interface DriverHost {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The files of a folder; none where it cannot be read. */
  readonly list: (folder: string) => readonly string[];
  /** A file's bytes as characters; '' where it cannot be read. */
  readonly read: (file: string) => string;
}

const variables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];
const loader = 'libvulkan.so.1';

const split = (value: string | undefined, fallback: string): readonly string[] =>
  (value === undefined || value === '' ? fallback : value).split(':').filter((folder) => folder !== '');

/** The folders of manifests, in the loader's order, and that of NixOS. */
const manifestFolders = ({ env }: DriverHost): readonly string[] => {
  const home = env['HOME'] ?? '';
  return [
    ...split(env['XDG_CONFIG_HOME'], `${home}/.config`),
    ...split(env['XDG_CONFIG_DIRS'], '/etc/xdg'),
    ...['/usr/local/etc', '/etc'],
    ...split(env['XDG_DATA_HOME'], `${home}/.local/share`),
    ...split(env['XDG_DATA_DIRS'], '/usr/local/share:/usr/share'),
    ...['/usr/local/share', '/usr/share', '/run/opengl-driver/share'],
  ].map((folder) => `${folder}/vulkan/icd.d`);
};

const loaderFolders = ({ env }: DriverHost): readonly string[] => [
  ...split(env['LD_LIBRARY_PATH'], ''),
  ...['/usr/local/lib', '/usr/lib', '/usr/lib64', '/lib', '/lib64'],
];

/** What a driver lacks to be found, as a sentence without its full stop; undefined where there may be one. */
export const missingDriver = (host: DriverHost): string | undefined => {
  if (host.platform !== 'linux') return undefined;
  // Who names a driver that is there may have loaded the loader too.
  const named = variables.filter((name) => (host.env[name] ?? '') !== '');
  if (named.length > 0)
    return named.some((name) =>
      split(host.env[name], '').some((file) => host.read(file) !== '' || host.list(file).length > 0),
    )
      ? undefined
      : `${named.join(', ')} names no driver that can be read`;
  const hasLoader =
    host.read('/etc/ld.so.cache').includes(loader) ||
    loaderFolders(host).some((folder) => host.list(folder).includes(loader));
  if (!hasLoader) return `there is no Vulkan loader (${loader})`;
  const hasManifest = manifestFolders(host).some((folder) =>
    host.list(folder).some((file) => file.endsWith('.json')),
  );
  return hasManifest ? undefined : 'there is no Vulkan driver (no manifest in /usr/share/vulkan/icd.d)';
};
