/** Holds the pages against the product: links resolve, workflows compile, command lines parse, codes exist. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compileWorkflow } from '../src/authoring/compile.ts';
import { errorCodes } from '../src/base/error-codes.ts';
import { WhaleFlowError } from '../src/base/errors.ts';
import { commands } from '../src/cli/commands.ts';
import { helpTopics } from '../src/cli/help-topics.ts';
import { findCommand, parseLine } from '../src/cli/parse-line.ts';
import { parseMockFixture } from '../src/model/mock/mock-fixture.ts';

const root = join(import.meta.dirname, '..');

interface Page {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

function pagesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pagesBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages: readonly Page[] = [
  ...['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'examples/README.md']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path)),
  ...pagesBelow(join(root, 'docs')),
].map((path) => ({
  path: relative(root, path).replaceAll('\\', '/'),
  text: readFileSync(path, 'utf8'),
}));

/** Pages written by hand for users; the reference is made from code and held by its own test. */
const guides = pages.filter(
  ({ path }) =>
    path === 'README.md' || path.startsWith('docs/guide/') || path.startsWith('examples/'),
);

interface Block {
  /** The words behind the fence: `python nodes`. */
  readonly info: readonly string[];
  readonly body: string;
  readonly line: number;
}

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly info: readonly string[]; readonly line: number } | undefined;
  let body: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (open === undefined && line.startsWith('```')) {
      open = { info: line.slice(3).trim().split(/\s+/), line: index + 2 };
      body = [];
    } else if (open !== undefined && line === '```') {
      blocks.push({ ...open, body: body.join('\n') });
      open = undefined;
    } else body.push(line);
  }
  return blocks;
}

const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** GitHub's name of a heading. */
const slug = (heading: string): string =>
  heading
    .replace(/[`*]/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): readonly string[] =>
  Array.from(withoutBlocks(text).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => slug(heading));

test.each(pages)('every relative link of $path leads somewhere', ({ path, text }) => {
  const links = Array.from(withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g), ([, to = '']) => to);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : posix.join(dirname(path), file);
    if (!existsSync(join(root, target))) return true;
    return (
      anchor !== undefined && !anchorsOf(readFileSync(join(root, target), 'utf8')).includes(anchor)
    );
  });
  expect(broken).toEqual([]);
});

interface Sample {
  readonly at: string;
  readonly file: string;
  readonly source: string;
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * A block whose first line is `# NAME.star` or `# NAME.yaml` is that file, and sees the other files of its
 * page; one that is marked `nodes` is the nodes of a workflow; a JSON block is named behind its fence.
 */
function samplesOf({ path, text }: Page): readonly Sample[] {
  const sources = new Map<string, string>();
  const named = blocksOf(text).flatMap(({ info, body, line }) => {
    const [language, mark] = info;
    const at = `${path}:${line}`;
    const file = /^# ([\w./-]+\.(?:star|ya?ml))$/.exec(body.split('\n')[0] ?? '')?.[1];
    if (file !== undefined) return [{ at, file, source: `${body}\n` }];
    if (language === 'json' && mark !== undefined) return [{ at, file: mark, source: body }];
    if (mark !== 'nodes') return [];
    const source =
      language === 'python'
        ? `workflow("page", "Shown on a page", [\n${body}\n])\n`
        : `id: page\ngoal: Shown on a page\nnodes:\n${body.replace(/^/gm, '  ')}\n`;
    return [{ at, file: language === 'python' ? 'page.star' : 'page.yaml', source }];
  });
  for (const { file, source } of named) sources.set(file, source);
  return named.map((sample) => ({ ...sample, sources }));
}

const samples = guides.flatMap(samplesOf);
const isFixture = ({ file }: Sample): boolean => file.endsWith('.fixture.yaml');

/** A block marked `program` is a module that prints what the block marked `output` after it says. */
const programs = guides.flatMap(({ path, text }) => {
  const blocks = blocksOf(text);
  return blocks.flatMap(({ info, body, line }, index) => {
    const output = blocks[index + 1];
    if (info[1] !== 'program' || output?.info[1] !== 'output') return [];
    return [{ at: `${path}:${line}`, source: body, output: output.body }];
  });
});

test('there is a program on some page', () => {
  expect(programs).not.toEqual([]);
});

test.each(programs)('the program at $at prints what the page says', ({ source, output }) => {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const library = pathToFileURL(join(root, 'src', 'index.ts')).href;
  writeFileSync(join(folder, 'page.mjs'), source.replace("from 'whaleflow'", `from '${library}'`));
  const said = spawnSync(process.execPath, ['page.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(said.stdout, said.stderr).toBe(`${output}\n`);
});

describe('workflows on pages', () => {
  test('there are some of each language', () => {
    const endings = new Set(samples.map(({ file }) => file.slice(file.lastIndexOf('.'))));
    expect([...endings].sort()).toEqual(['.star', '.yaml']);
    expect(samples.length).toBeGreaterThan(30);
  });

  test.each(samples.filter((sample) => !isFixture(sample)))(
    'the one at $at compiles without a warning',
    ({ file, source, sources }) => {
      const compiled = compileWorkflow({ file, source, sources: (name) => sources.get(name) });
      const said = 'spec' in compiled ? compiled.warnings : compiled.diagnostics;
      expect(said.map(({ code, message, span }) => `${code} ${span?.line}: ${message}`)).toEqual(
        [],
      );
    },
  );

  test.each(samples.filter(isFixture))('the fixture at $at is one', ({ source, file }) => {
    expect(parseMockFixture(source, file)).toHaveProperty('fixture');
  });
});

interface Line {
  readonly at: string;
  readonly words: readonly string[];
}

/** Words as a shell reads them, up to a comment, a pipe or a redirection. */
function shellWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word, single, double, plain] of text.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)) {
    if (plain !== undefined && /^(?:#|\||>|&&|;)/.test(plain)) break;
    words.push(single ?? double ?? plain ?? word);
  }
  return words;
}

const PROGRAM = /^(?:\$ )?(?:npx )?whaleflow(?: |$)/;

function linesOf({ path, text }: Page): readonly Line[] {
  const shown = blocksOf(text)
    .filter(({ info }) => info[0] === 'sh' || info[0] === 'console')
    .flatMap(({ body, line }) =>
      body.split('\n').map((one, index) => [one, line + index] as const),
    );
  const inline = withoutBlocks(text)
    .split('\n')
    .flatMap((line) => Array.from(line.matchAll(/`(whaleflow[^`]*)`/g), ([, one = '']) => one));
  return [...shown, ...inline.map((one) => [one, 'inline'] as const)]
    .filter(([one]) => PROGRAM.test(one))
    .map(([one, at]) => ({
      at: `${path}:${at}: ${one}`,
      words: shellWords(one.replace(PROGRAM, '')),
    }));
}

/** Why a command line is none; undefined where it is one. */
function problemOf({ at, words }: Line): string | undefined {
  // `whaleflow.trace/v1` and `whaleflow …` speak of no command.
  if (words[0] === '…') return undefined;
  try {
    const parsed = parseLine(words, commands);
    const { topic } = parsed.kind === 'help' ? parsed : { topic: undefined };
    if (topic !== undefined && !Object.hasOwn(helpTopics, topic)) findCommand(topic, commands);
    return undefined;
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    return `${at}: ${error.message}`;
  }
}

const lines = guides.flatMap(linesOf);

test('every command line on a page names a command, and options that it has', () => {
  expect(lines.length).toBeGreaterThan(60);
  expect(lines.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
});

test('every error code on a page is one', () => {
  const unknown = guides.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/\bWF\d{4}\b/g), ([code]) => code)
      .filter((code) => !Object.hasOwn(errorCodes, code))
      .map((code) => `${path}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

test('the guide says the promises in the words of the architecture', () => {
  const section =
    readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split(/^## What is promised/m)[1] ?? '';
  const promises = Array.from(
    section.matchAll(/^\d\. ([^:;.\n]+)/gm),
    ([, promise = '']) => promise,
  );
  expect(promises).toHaveLength(6);
  const guide = readFileSync(join(root, 'docs/guide/resume-replay-fork.md'), 'utf8');
  expect(promises.filter((promise) => !guide.includes(promise))).toEqual([]);
});

test('each decision record has a number of its own, the same in its name and its title', () => {
  const records = pages.filter(({ path }) => path.startsWith('docs/decisions/'));
  const numbers = records.map(({ path }) => posix.basename(path).slice(0, 4));
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  expect(records.map(({ text }) => text.slice(0, 8))).toEqual(numbers.map((n) => `# ${n}: `));
});
