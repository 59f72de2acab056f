/** A plan as a picture: Mermaid for pages, DOT for Graphviz. Solid lines hold, dashed lines feed. */
import { printable } from '../base/printable.ts';
import { derivedLeaves } from './plan-outline.ts';
import { childNodes } from './population.ts';
import type { Predicate, Reference } from './reference.ts';
import type { WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

/** Past this many nodes, subtrees are drawn as one node each, the deepest first. */
export const MAX_DRAWN_NODES = 300;
const MAX_LABEL_CHARACTERS = 60;

export function toMermaid(spec: WorkflowSpec): string {
  const { boxes, holds, feeds } = drawing(spec);
  const name = new Map(boxes.map(({ id }, index) => [id, `n${index}`]));
  return [
    'flowchart TD',
    ...boxes.map((box) => {
      const [open, close] = MERMAID_SHAPES[box.shape];
      return `  ${name.get(box.id)}${open}"${entities(box.label)}"${close}`;
    }),
    ...holds.map(([from, to]) => `  ${name.get(from)} --> ${name.get(to)}`),
    ...feeds.map(([from, to]) => `  ${name.get(from)} -.-> ${name.get(to)}`),
    '',
  ].join('\n');
}

export function toDot(spec: WorkflowSpec): string {
  const { boxes, holds, feeds } = drawing(spec);
  const name = new Map(boxes.map(({ id }, index) => [id, `n${index}`]));
  return [
    'digraph workflow {',
    '  rankdir=TB;',
    '  node [fontname="sans-serif"];',
    ...boxes.map(
      (box) =>
        `  ${name.get(box.id)} [label="${quoted(box.label)}", shape=${DOT_SHAPES[box.shape]}];`,
    ),
    ...holds.map(([from, to]) => `  ${name.get(from)} -> ${name.get(to)};`),
    ...feeds.map(([from, to]) => `  ${name.get(from)} -> ${name.get(to)} [style=dashed];`),
    '}',
    '',
  ].join('\n');
}

type Shape = 'root' | 'leaf' | 'control' | 'folded';

const MERMAID_SHAPES: Readonly<Record<Shape, readonly [string, string]>> = {
  root: ['([', '])'],
  leaf: ['[', ']'],
  control: ['{{', '}}'],
  folded: ['[[', ']]'],
};
const DOT_SHAPES: Readonly<Record<Shape, string>> = {
  root: 'oval',
  leaf: 'box',
  control: 'hexagon',
  folded: 'folder',
};

interface Box {
  readonly id: string;
  readonly label: string;
  readonly shape: Shape;
}
type Edge = readonly [from: string, to: string];
interface Drawing {
  readonly boxes: readonly Box[];
  readonly holds: readonly Edge[];
  readonly feeds: readonly Edge[];
}

interface Level {
  readonly node: WorkflowNode;
  readonly parent: string;
}

function drawing(spec: WorkflowSpec): Drawing {
  const levels = levelsOf(spec);
  const boxes: Box[] = [{ id: '', label: spec.id, shape: 'root' }];
  const holds: Edge[] = [];
  // Whole levels are drawn while they fit; what stands below the last one is folded into it.
  let shown = 0;
  for (const level of levels) {
    if (shown > 0 && boxes.length + level.length > MAX_DRAWN_NODES) break;
    shown += 1;
    for (const { node, parent } of level.slice(0, MAX_DRAWN_NODES)) {
      holds.push([parent, node.id]);
      boxes.push({
        id: node.id,
        label: labelOf(node),
        shape: node.kind === 'leaf' ? 'leaf' : 'control',
      });
    }
  }
  const drawn = new Map(boxes.map((box) => [box.id, box]));
  const shownAt = shownAncestors(levels, drawn);
  const folded = new Map<string, number>();
  for (const level of levels.slice(shown))
    for (const { node } of level) {
      const at = shownAt.get(node.id) as string;
      folded.set(at, (folded.get(at) ?? 0) + 1);
    }
  return {
    boxes: boxes.map((box) => {
      const count = folded.get(box.id);
      return count === undefined
        ? box
        : { ...box, label: `${box.label} (+${count} nodes)`, shape: 'folded' };
    }),
    holds,
    feeds: feedsOf(levels, shownAt),
  };
}

/** Nodes by depth; a loop, not recursion, since depth is the author’s. */
function levelsOf(spec: WorkflowSpec): readonly (readonly Level[])[] {
  const levels: Level[][] = [];
  let level: Level[] = spec.nodes.map((node) => ({ node, parent: '' }));
  while (level.length > 0) {
    levels.push(level);
    level = level.flatMap(({ node }) =>
      [...childNodes(node), ...derivedLeaves(node)].map((child) => ({
        node: child,
        parent: node.id,
      })),
    );
  }
  return levels;
}

function shownAncestors(
  levels: readonly (readonly Level[])[],
  drawn: ReadonlyMap<string, Box>,
): ReadonlyMap<string, string> {
  const shownAt = new Map<string, string>([['', '']]);
  for (const { node, parent } of levels.flat())
    shownAt.set(node.id, drawn.has(node.id) ? node.id : (shownAt.get(parent) ?? ''));
  return shownAt;
}

function feedsOf(
  levels: readonly (readonly Level[])[],
  shownAt: ReadonlyMap<string, string>,
): readonly Edge[] {
  const seen = new Set<string>();
  const edges: Edge[] = [];
  for (const { node } of levels.flat())
    for (const source of sourcesOf(node)) {
      const from = shownAt.get(source);
      const to = shownAt.get(node.id);
      if (from === undefined || to === undefined || from === to) continue;
      const key = JSON.stringify([from, to]);
      if (!seen.has(key)) edges.push([from, to]);
      seen.add(key);
    }
  return edges.slice(0, MAX_DRAWN_NODES * 2);
}

function sourcesOf(node: WorkflowNode): readonly string[] {
  switch (node.kind) {
    case 'leaf':
      // Derived leaves take what their owner takes, which is drawn to the owner.
      return node.id.includes('/$') ? [] : named(Object.values(node.inputs));
    case 'reduce':
      return named(Object.values(node.inputs));
    case 'expand':
      return named([node.source]);
    case 'loop_until':
      return [];
    case 'cond':
      return node.judge === undefined
        ? inPredicate(node.test)
        : named(Object.values(node.judge.inputs));
    case 'tournament':
    case 'pareto':
    case 'teacher_review':
      return node.candidates;
    case 'sequence':
    case 'branch_set':
    case 'approve':
      return [];
  }
}

const named = (references: readonly Reference[]): readonly string[] =>
  references.map(({ node }) => node);

function inPredicate(predicate: Predicate): readonly string[] {
  switch (predicate.op) {
    case 'all_of':
    case 'any_of':
      return predicate.of.flatMap(inPredicate);
    case 'negate':
      return inPredicate(predicate.of);
    case 'succeeded':
    case 'failed':
    case 'equals':
    case 'at_least':
    case 'at_most':
      return [predicate.node];
  }
}

function labelOf(node: WorkflowNode): string {
  const name = node.label ?? node.id;
  const short =
    name.length > MAX_LABEL_CHARACTERS ? `${name.slice(0, MAX_LABEL_CHARACTERS - 1)}…` : name;
  if (node.kind === 'leaf') return `${short} · ${node.task.type}`;
  const bound =
    node.kind === 'loop_until'
      ? ` ×${node.maxIterations}`
      : node.kind === 'expand'
        ? ` ≤${node.maxChildren}`
        : '';
  return `${short} · ${node.kind}${bound}`;
}

/** Mermaid reads HTML and Markdown in labels, and `#…;` as an entity: all of it is written as numbers. */
const entities = (label: string): string =>
  printable(label).replace(
    /["#<>&`*_[\]{}()|\\~;]/g,
    (character) => `#${character.charCodeAt(0)};`,
  );

const quoted = (label: string): string => printable(label).replace(/["\\]/g, '\\$&');
