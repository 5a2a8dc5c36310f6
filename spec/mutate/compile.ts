/** A single source file as the compiler leaves it in .build, so that a mutant differs from the program by its fault alone. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => readFileSync(file, 'utf8')).config,
  ts.sys,
  root,
);

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
