/** The layers of the product, bottom first, and what breaks them. ARCHITECTURE.md shows this table. */
export const layers: readonly (readonly string[])[] = [
  ['base', 'system', 'starlark'],
  ['workflow'],
  ['trace', 'model', 'sandbox', 'workspace', 'memory'],
  ['authoring', 'tool', 'memo'],
  ['leaf'],
  ['engine'],
  ['learning', 'janitor', 'export', 'worker', 'lab'],
  ['workbench'],
  ['tui', 'http', 'mcp', 'web'],
  ['cli'],
];

/** Only these reach into the private folders of others, to wire them. */
const WIRING = new Set(['workbench']);

/** May touch the world at any depth; elsewhere only `src/x/y/…` may, the implementations. */
const DOORS = new Set(['system', 'workbench', 'cli']);

const WORLD: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Date', /(?<![\w.$'"`])(?:Date\s*(?:\.now|\())|new Date\(\)/],
  ['Math.random', /Math\s*\.\s*random/],
  ['randomUUID', /\brandom(?:UUID|Bytes)\b/],
  ['setTimeout', /(?<![\w.$])set(?:Timeout|Interval|Immediate)\s*\(/],
  ['process', /(?<![\w.$'"`/-])process\s*\.\s*(?!exitCode\b)\w/],
  ['fetch', /(?<![\w.$])fetch\s*\(/],
  ['node:fs', /from 'node:fs(?:\/promises)?'/],
  ['node:child_process', /from 'node:child_process'/],
];

/** The only writers to a terminal: each makes what it writes safe, or writes fixed words. */
const WRITERS = new Set([
  'src/cli/ask.ts',
  'src/cli/cli.ts',
  'src/cli/commands/replay.ts',
  'src/cli/commands/starlark.ts',
  'src/cli/help.ts',
  'src/cli/host.ts',
  'src/cli/live/live-screen.ts',
  'src/cli/output.ts',
  'src/cli/print-error.ts',
]);
const WRITES = /\b(?:stdout|stderr|stream)\s*\??\.\s*write\s*\(|(?<![\w.$'"`])console\s*\.\s*\w/;
/** Quotes a program that prints. */
const QUOTES_PROGRAMS = 'src/workbench/demo/demo-files.ts';

/** What breaks the rules, a line each. `files`: path from the repository root → source text. */
export function violations(files: ReadonlyMap<string, string>): readonly string[] {
  const product = new Map(Array.from(files).filter(([file]) => !IS_TEST.test(file)));
  const used = filesUsedBy(product);
  return Array.from(product).flatMap(([file, source]) =>
    HELPS_TESTS.test(file) && !used.has(file) ? [] : violationsIn(file, withoutComments(source)),
  );
}

const IS_TEST = /\.(?:test|suite)\.tsx?$/;
/** By its name; what the product uses is part of it, whatever its name. */
const HELPS_TESTS = /\/test-[\w-]+\.ts$/;

function filesUsedBy(product: ReadonlyMap<string, string>): ReadonlySet<string> {
  const used = new Set<string>();
  for (const [file, source] of product) {
    if (HELPS_TESTS.test(file)) continue;
    for (const { specifier } of importsOf(withoutComments(source)))
      if (specifier.startsWith('.')) used.add(resolved(file.split('/'), specifier).join('/'));
  }
  return used;
}

function violationsIn(file: string, source: string): readonly string[] {
  const parts = file.split('/');
  const noun = parts[1] ?? '';
  if (parts.length < 3) return []; // src/index.ts is the front door.
  const row = layers.findIndex((folders) => folders.includes(noun));
  if (row < 0) return [`${file}: ${noun} is in no layer`];
  const found: string[] = [];
  for (const { specifier, isType } of importsOf(source)) {
    const problem = importProblem(parts, row, specifier, isType);
    if (problem !== undefined) found.push(`${file}: ${specifier}: ${problem}`);
  }
  if (WRITES.test(source) && !WRITERS.has(file) && file !== QUOTES_PROGRAMS)
    found.push(`${file}: writes to a stream itself: use output.ts`);
  if (!touchesWorld(parts)) {
    for (const [name, pattern] of WORLD) {
      if (pattern.test(source)) found.push(`${file}: ${name} is used outside of the doors`);
    }
  }
  return found;
}

function touchesWorld(parts: readonly string[]): boolean {
  const [, noun = ''] = parts;
  if (DOORS.has(noun)) return true;
  return parts.length > 3 && IMPLEMENTATIONS.has(`${noun}/${parts[2]}`);
}

/** The folders that implement ports. */
const IMPLEMENTATIONS = new Set([
  'trace/sqlite',
  'trace/memory',
  'model/mock',
  'model/ai-sdk',
  'model/scripted-server',
  'sandbox/none',
  'sandbox/bubblewrap',
  'sandbox/seatbelt',
  'sandbox/linked',
  'workspace/git',
  'workspace/none',
  'workspace/memory',
  'leaf/runners',
  'leaf/mcp',
  'leaf/slots',
  'tool/files',
]);

function importProblem(
  parts: readonly string[],
  row: number,
  specifier: string,
  isType: boolean,
): string | undefined {
  const [, noun = ''] = parts;
  if (noun === 'starlark') {
    const isOwn = specifier.startsWith('.') && resolved(parts, specifier)[1] === 'starlark';
    return isOwn ? undefined : 'starlark imports nothing';
  }
  // Ours end in .ts; others stand in quoted programs.
  if (!specifier.startsWith('.') || !specifier.endsWith('.ts')) return undefined;
  const target = resolved(parts, specifier);
  const other = target[1] ?? '';
  if (target[0] !== 'src' || other === noun) return undefined;
  const otherRow = layers.findIndex((folders) => folders.includes(other));
  if (otherRow < 0) return `${other} is in no layer`;
  if (otherRow > row) return `${other} is of a higher layer`;
  if (otherRow === row && !isType) return `sideways imports are for types only`;
  if (target.length > 3 && !WIRING.has(noun)) return `${target.slice(1, -1).join('/')} is private`;
  return undefined;
}

function resolved(parts: readonly string[], specifier: string): readonly string[] {
  const at = parts.slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') at.pop();
    else if (step !== '.') at.push(step);
  }
  return at;
}

function* importsOf(source: string): Generator<{ specifier: string; isType: boolean }> {
  const pattern =
    /(?:^|[\n;])\s*(import|export)\s+(type\s+)?([^'";]*?\bfrom\s*)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;
  for (const [, , type, names, specifier, lazy] of source.matchAll(pattern)) {
    const target = specifier ?? lazy;
    if (target === undefined) continue;
    const inner = names?.match(/\{([^}]*)\}/)?.[1];
    const isAllTypes =
      inner !== undefined &&
      inner.trim() !== '' &&
      inner.split(',').every((name) => name.trim() === '' || /^\s*type\s/.test(name));
    yield { specifier: target, isType: type !== undefined || isAllTypes };
  }
}

/** Blanks comments out, so that prose about the clock is no use of it. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1');
}
