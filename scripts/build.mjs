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

/**
 * Packages that are loaded in the middle of a function, where the first value needs them. Each stays a
 * file of its own; everything stands in one folder, so that each part finds it beside itself.
 */
const LATE_PACKAGES = { ajv: 'ajv/dist/2020.js', toml: 'smol-toml', yaml: 'yaml' };

/** Modules of Node’s that take milliseconds to load: each function of theirs loads them when called. */
const LATE_BUILTINS = new Set([
  'node:child_process',
  'node:crypto',
  'node:fs/promises',
  'node:readline',
  'node:zlib',
]);

/** The files of the demo, which stay as they are written. */
const QUOTES_PROGRAMS = /\/src\/workbench\/demo\/demo-(?:files|script)\.ts$/;

/**
 * What starts are made of. A static import of a module of Node’s makes every lazy part of it: `node:fs`
 * loads streams, `node:util` worker threads, `node:process` opens stdin. Taken from `getBuiltinModule`
 * it costs nothing.
 */
const quickStart = {
  name: 'quick-start',
  setup({ onLoad }) {
    // Programs that the demo quotes stay as they are written.
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) =>
      QUOTES_PROGRAMS.test(path)
        ? undefined
        : {
            contents: withLatePackages(withBuiltins(readFileSync(path, 'utf8')), path),
            loader: 'ts',
          },
    );
    // Its commands here are no programs of their own.
    onLoad({ filter: /node_modules\/commander\/lib\/\w+\.js$/ }, ({ path }) => ({
      contents: withBuiltins(
        readFileSync(path, 'utf8').replace(
          /^import (childProcess) from 'node:child_process';$/m,
          'const $1 = undefined;',
        ),
      ),
    }));
  },
};

function withBuiltins(source) {
  const plain = source
    .replace(/^import process from 'node:process';$/m, '')
    .replace(
      /^import (\w+) from '(node:[\w/]+)';$/gm,
      "const $1 = process.getBuiltinModule('$2');",
    );
  return plain.replace(/^import \{([^}]*)\} from '(node:[\w/]+)';$/gm, (_, names, module) => {
    const taken = names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => name.split(' as '));
    const from = `process.getBuiltinModule('${module}')`;
    return LATE_BUILTINS.has(module)
      ? taken
          .map(([name, own = name]) => `const ${own} = (...values) => ${from}.${name}(...values);`)
          .join('\n')
      : `const { ${taken.map((name) => name.join(': ')).join(', ')} } = ${from};`;
  });
}

function withLatePackages(source, path) {
  if (!/\/load-[a-z]+\.ts$/.test(path)) return source;
  return source.replace(/require\('([^']+)'\)/, (_, found) => {
    const names = Object.keys(LATE_PACKAGES);
    const name = names.find((key) => LATE_PACKAGES[key] === found);
    if (name === undefined) throw new Error(`${path} loads ${found}, which is not in the table`);
    return `require('./${name}.cjs')`;
  });
}

/**
 * Commands that are started often, by the words that they begin with, and the entry of each that holds
 * all it can need: one file is opened where there were dozens, half a millisecond each. The code of V8’s
 * that is kept for such a file is what this command needs, too.
 */
const WHOLE_COMMANDS = {
  help: ['--help', '-h', 'help'],
  ls: ['ls'],
  run: ['run'],
  drive: ['drive'],
};
const wholeName = (command) => `whole-${command}`;

/** The first file asks the words which entry to load. */
const chooseWhole = {
  name: 'choose-whole',
  setup({ onLoad }) {
    const files = Object.entries(WHOLE_COMMANDS).flatMap(([command, words]) =>
      words.map((word) => [word, `./${wholeName(command)}.js`]),
    );
    onLoad({ filter: /\/src\/cli\/cli\.ts$/ }, ({ path }) => {
      const plain = "await import('./main.ts')";
      const contents = readFileSync(path, 'utf8');
      if (!contents.includes(plain)) throw new Error(`${path} does not load ./main.ts`);
      const whole = `new Map(${JSON.stringify(files)}).get(process.argv[2])`;
      const chosen = `const whole = ${whole};\n  `;
      const load = "await (whole === undefined ? import('./main.ts') : import(whole))";
      const line = `const { main } = ${plain}`;
      return {
        contents: contents.replace(line, `${chosen}const { main } = ${load}`),
        loader: 'ts',
      };
    });
  },
};

/** Of the command table the one command that such an entry is for. */
const onlyCommand = (command) => ({
  name: 'only-command',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^\.\.\/commands\// }, ({ path, importer }) =>
      /\/src\/cli\/table\//.test(importer) && path !== `../commands/${command}.ts`
        ? { path, namespace: 'other-command' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'other-command' }, ({ path }) => ({
      contents: `throw new Error('${path} is not in the entry of ${command}');`,
    }));
  },
});

const common = {
  outdir,
  bundle: true,
  minifySyntax: true,
  // Names stay, for stack traces; what goes are comments and indentation, a third of what is parsed.
  minifyWhitespace: true,
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
  plugins: [quickStart],
  // Bundled CommonJS packages call require() for Node's own modules: few starts come to one.
  banner: {
    js: [
      'const __own = import.meta.url;',
      'let __nodeRequire;',
      'function require(name) {',
      "__nodeRequire ??= process.getBuiltinModule('node:module').createRequire(__own);",
      'return __nodeRequire(name); }',
    ].join(' '),
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
    plugins: [chooseWhole, quickStart],
  }),
  ...Object.keys(WHOLE_COMMANDS).map((command) =>
    build({
      ...ours,
      splitting: false,
      entryPoints: { [wholeName(command)]: 'src/cli/main.ts' },
      plugins: [onlyCommand(command), quickStart],
    }),
  ),
  // Node quotes the line of an uncaught error: without a limit it is the whole file.
  build({ ...ours, entryPoints: { index: 'src/index.ts' }, lineLimit: 160 }),
  // Runs beside an agent, in its sandbox: all of it is one file.
  build({
    ...ours,
    splitting: false,
    plugins: [],
    banner: {},
    entryPoints: { 'agent-relay': 'src/leaf/runners/external/relay/agent-relay.ts' },
  }),
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
    entryPoints: LATE_PACKAGES,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
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
