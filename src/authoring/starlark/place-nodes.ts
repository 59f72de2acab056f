/** Which nodes of a graph stand in its workflow: each at most once, and none left over. */
import type { Graph } from './graph.ts';
import type { CallRecord, NodeValue } from './graph-values.ts';

/** Reports nodes that are placed twice, and warns of those that are placed nowhere. */
export function placeNodes(graph: Graph): void {
  const { workflow } = graph;
  if (workflow === undefined) return;
  const placed = new Map<NodeValue, CallRecord>();
  place(graph, placed, workflow.nodes, workflow.call);
  if (workflow.hasRival) return;
  const inOthers = new Set(graph.nodes.flatMap(({ children }) => children));
  for (const node of graph.nodes) {
    if (placed.has(node) || inOthers.has(node)) continue;
    graph.report({
      code: 'WF1105',
      severity: 'warning',
      message: `${node.starlarkType} \`${node.id}\` is made and never placed`,
      call: node.call,
      label: 'never runs',
      help: 'put it into a list of nodes, or take it away',
    });
  }
}

/** With a stack of its own: depth is the author’s. */
function place(
  graph: Graph,
  placed: Map<NodeValue, CallRecord>,
  nodes: readonly NodeValue[],
  parent: CallRecord,
): void {
  const open: { readonly nodes: readonly NodeValue[]; readonly parent: CallRecord }[] = [
    { nodes, parent },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const node of next.nodes) {
      const first = placed.get(node);
      if (first === undefined) {
        placed.set(node, next.parent);
        open.push({ nodes: node.children, parent: node.call });
        continue;
      }
      graph.report({
        code: 'WF1201',
        severity: 'error',
        message: `${node.starlarkType} \`${node.id}\` is placed twice`,
        call: node.call,
        related: [
          { message: 'placed here', call: first },
          ...(first === next.parent ? [] : [{ message: 'and here', call: next.parent }]),
        ],
        help: 'make a node of its own for each place, with an id of its own',
      });
    }
  }
}
