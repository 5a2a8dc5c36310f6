// Compiles AssemblyScript, whose files are given with their texts, to a module of WebAssembly.

/** Fixed-width SIMD only, the memory is the engine's, and no runtime: the kernels allocate nothing. */
export const flags =
  '-O3s --converge --noAssert --runtime stub --importMemory --noExportMemory --initialMemory 0 --enable simd --enable threads --use abort=';

/** The module's bytes, of what one of the files exports. */
export const compile = async (sources, entry = 'index.ts') => {
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main([entry, '--outFile', 'kernels.wasm', ...flags.split(' ')], {
    readFile: (name) => sources.find(({ file }) => file === name)?.text ?? null,
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`kernels: ${stderr.toString()}`);
  return binary;
};
