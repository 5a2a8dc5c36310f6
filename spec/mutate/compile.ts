/** The source files, and each as the compiler leaves it in .build, so that a mutant differs from the program by its fault alone. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const { options, fileNames } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => readFileSync(file, 'utf8')).config,
  ts.sys,
  root,
);

/** Written by the build, tables of weights, and what runs in processes of its own from dist/. */
const leftOut =
  /kernel-sources\.ts$|wasm\/bytes\.ts$|pretrained\/weights\.ts$|cli\/main\.ts$|bench\/(?:child|peers)\.ts$/;

/** The files of src that are changed, from the root and in the order of their names: without those of the page, which are not in .build. */
export const sources: readonly string[] = fileNames
  .map((file) => path.relative(root, file))
  .filter((file) => file.startsWith(`src${path.sep}`) && !leftOut.test(file))
  .sort();

/** The JavaScript of a source file. */
export const compiledOf = (file: string, text: string): string =>
  ts.transpileModule(text, {
    compilerOptions: {
      ...options,
      // One file alone does not tell that the package is of ES modules.
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      ...{ sourceMap: false, incremental: false },
    },
    fileName: path.join(root, file),
  }).outputText;
