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

const { metafile } = await build({
  entryPoints: {
    cli: 'src/cli/cli.ts',
    index: 'src/index.ts',
    starlark: 'src/starlark/public.ts',
  },
  outdir,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(`${outdir}/cli.js`, 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync(outdir, 'dist');
writeFileSync('THIRD-PARTY-NOTICES.txt', notices(Object.keys(metafile.inputs)));

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
