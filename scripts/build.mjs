// Declarations by tsc, entries bundled by esbuild, third-party notices collected. Runs on Node 24.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

// Built beside and put in place at the end, so that a half-built product is never run.
const outdir = `dist.${process.pid}`;
const declared = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', `${outdir}/types`], {
  stdio: 'inherit',
});
if (declared.status !== 0) {
  rmSync(outdir, { recursive: true, force: true });
  process.exit(declared.status ?? 1);
}

/** Packages that are loaded in the middle of a function, where the first value needs them. */
const LATE = { ajv: 'ajv/dist/2020.js', yaml: 'yaml' };

/**
 * Each of them stays a file of its own, which is read only where it is needed; everything stands in one
 * folder, so that each part finds it beside itself.
 */
const latePackages = {
  name: 'late-packages',
  setup({ onLoad }) {
    onLoad({ filter: /\/load-[a-z]+\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace(/require\('([^']+)'\)/, (_, found) => {
        const name = Object.keys(LATE).find((key) => LATE[key] === found);
        if (name === undefined)
          throw new Error(`${path} loads ${found}, which is not in the table`);
        return `require('./${name}.cjs')`;
      });
      return contents === source ? undefined : { contents, loader: 'ts' };
    });
  },
};

const common = {
  outdir,
  bundle: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node24',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
};
const ours = {
  ...common,
  splitting: true,
  format: 'esm',
  chunkNames: '[name]-[hash]',
  plugins: [latePackages],
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};
// Each entry by itself: what the command line splits off would make the library load dozens of files.
const results = await Promise.all([
  build({
    ...ours,
    entryPoints: {
      cli: 'src/cli/cli.ts',
      'compile-thread': 'src/workbench/compile-thread.ts',
    },
  }),
  build({ ...ours, entryPoints: { index: 'src/index.ts' } }),
  build({
    ...ours,
    entryPoints: {
      starlark: 'src/starlark/public.ts',
      'starlark-worker': 'src/workbench/exec-in-thread.ts',
      'exec-thread': 'src/workbench/exec-thread.ts',
    },
  }),
  build({
    ...common,
    entryPoints: LATE,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    minifyWhitespace: true,
  }),
]);
chmodSync(`${outdir}/cli.js`, 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync(outdir, 'dist');
writeFileSync(
  'THIRD-PARTY-NOTICES.txt',
  notices(results.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);

/** The licences of every package that ended up in the bundle. */
function notices(inputs) {
  const names = new Set(
    inputs.flatMap((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []),
  );
  const parts = [...names].sort().map((name) => {
    const folder = join('node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return `WhaleFlow contains these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
