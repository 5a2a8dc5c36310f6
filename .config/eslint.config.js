// Lint: strict TypeScript, no import cycles, and the one direction in which the rooms of src/ may import.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The rooms in the order in which data flows: a room may import those before it, never those after it. */
const rooms = [
  [
    ...[
      'at.ts',
      'clock.ts',
      'failure.ts',
      'misuse.ts',
      'present.ts',
      'printable.ts',
      'web-assembly.ts',
      'work.ts',
    ],
    'linear-algebra',
  ],
  ['tensor'],
  ['random'],
  ['engine'],
  ['nn'],
  ['data'],
  ['surrogate'],
  ['reward'],
  ['gibbs'],
  ['gflownet'],
  ['verify'],
  ['acquisition'],
  ['learning'],
  ['report'],
  ['bench'],
  ['cli', 'index.ts'],
];

/** The page stands on the package as others have it, by its entry points, and nothing stands on the page. */
const page = [
  {
    target: 'src/web',
    from: rooms.flat().map((name) => `src/${name}`),
    message: "The page imports 'batchgfn' and its entry points (src/docs/contributing.md).",
  },
  ...rooms.flat().map((name) => ({
    target: `src/${name}`,
    from: 'src/web',
    message: 'Nothing imports the page (src/docs/contributing.md).',
  })),
];

const zones = [
  ...page,
  ...rooms.slice(0, -1).flatMap((row, i) =>
    row.map((room) => ({
      target: `src/${room}`,
      from: rooms.slice(i + 1).flatMap((later) => later.map((name) => `src/${name}`)),
      message: 'Data flows one way through the rooms of src/ (src/docs/contributing.md).',
    })),
  ),
];

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      '.build/**',
      '.mutants/**',
      'node_modules/**',
      'src/engine/webgpu/kernel-sources.ts',
      'src/engine/cpu/wasm/bytes.ts',
      'src/linear-algebra/wasm/bytes.ts',
      'src/reward/wasm/bytes.ts',
      // AssemblyScript, which its own compiler checks.
      'kernels/cpu/**',
    ],
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    files: ['src/**/*.ts', 'spec/**/*.ts'],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        project: [path.join(root, 'tsconfig.json'), path.join(root, 'src/web/tsconfig.json')],
        tsconfigRootDir: root,
      },
    },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: path.join(root, 'tsconfig.json') }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: root, zones }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
);
