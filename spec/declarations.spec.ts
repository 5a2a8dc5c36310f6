/**
 * What do programs of others compile against? The declarations of the package hold under the strictest settings of TypeScript, with
 * its own libraries checked too, and the programs of the pages that import it compile as they stand.
 */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksOf, emptyFolder, textOf } from './support/pages.js';

const folder = emptyFolder();

/** What `tsc --init` turns on, and more. */
const strictest: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  noUncheckedSideEffectImports: true,
  noEmit: true,
  types: [],
};

/** Where the programs run: types of Node, or of a browser. */
const node = { lib: ['lib.es2023.d.ts'], types: ['node'], typeRoots: [path.resolve('node_modules/@types')] };
const browser = { lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'] };

/** What the compiler says of programs. */
const faultsOf = (programs: readonly string[], options: ts.CompilerOptions): readonly string[] => {
  const files = programs.map((text, i) => {
    const file = path.join(folder, `program-${i}.mts`);
    writeFileSync(file, text);
    return file;
  });
  const compiled = ts.createProgram(files, { ...strictest, ...options });
  return ts
    .getPreEmitDiagnostics(compiled)
    .map(
      ({ file, start, messageText }) =>
        `${file?.fileName ?? ''}:${(file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0) + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
};

const everything = ['', '/learning', '/pretrained', '/tables', '/verify'].map(
  (entry, i) =>
    `import * as all${i} from 'batchgfn${entry}';\nexport const names${i} = Object.keys(all${i});\n`,
);

/** The programs of pages that are as good in TypeScript. */
const shown = ['README.md', 'src/docs/surrogates.md', 'src/docs/engines.md'].flatMap((page) =>
  blocksOf(textOf(page))
    .filter(({ language, text }) => language === 'js' && text.includes("from 'batchgfn"))
    .map(({ text }) => text),
);

test('declarations are whole for Node without the DOM library, and for browsers; programs of pages compile as strictly', () => {
  assert.is(shown.length, 3);
  assert.equal(faultsOf([...everything, ...shown], { ...node, skipLibCheck: false }), []);
  assert.equal(faultsOf(everything, { ...browser, skipLibCheck: false }), []);
});

const own = (utility: string): string => `
  import { reward, tensor } from 'batchgfn';
  const price = Float64Array.of(1, 2, 3);
  export const own = reward('own', ({ whitened }) => ({ features: whitened, price }), ${utility});
`;

test('names of the tables of a reward are known to its utility, and no others', () => {
  const read = (name: string) =>
    own(`(all, batches) => tensor.sum(tensor.gather(all.${name}, batches), [1])`);
  const programs = [read('price'), read('features'), read('prise')];
  const [fault = '', ...others] = faultsOf(programs, { ...node, skipLibCheck: true });
  assert.match(fault, /program-2\.mts.*prise/);
  assert.equal(others, []);
});

test('webgpuEngine takes the GPU of a browser, and of nothing else there', () => {
  const open = (gpu: string) =>
    `import { webgpuEngine } from 'batchgfn';\nexport const engine = webgpuEngine(${gpu});\n`;
  const faults = faultsOf([open('navigator.gpu'), open("'gpu'")], { ...browser, skipLibCheck: true });
  assert.is(faults.length, 1);
  assert.match(faults[0] ?? '', /program-1\.mts:2: /);
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
