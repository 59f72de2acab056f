import type { Expression, NameNode, Statement } from '../syntax/tree.ts';

export interface BoundName {
  readonly name: NameNode;
  readonly isLoaded: boolean;
}

/** The names that statements bind in their own block, in order; functions inside are left out. */
export function boundNames(statements: readonly Statement[]): BoundName[] {
  const found: BoundName[] = [];
  const add = (name: NameNode): void => {
    found.push({ name, isLoaded: false });
  };
  for (const statement of statements) collect(statement, add, found);
  return found;
}

function collect(statement: Statement, add: (name: NameNode) => void, found: BoundName[]): void {
  switch (statement.kind) {
    case 'assign':
      targetNames(statement.target, add);
      return;
    case 'def':
      add(statement.name);
      return;
    case 'for':
      targetNames(statement.target, add);
      found.push(...boundNames(statement.body));
      return;
    case 'while':
      found.push(...boundNames(statement.body));
      return;
    case 'if':
      found.push(...boundNames(statement.whenTrue), ...boundNames(statement.whenFalse));
      return;
    case 'load':
      for (const { local } of statement.names) found.push({ name: local, isLoaded: true });
      return;
    case 'return':
    case 'break':
    case 'continue':
    case 'pass':
    case 'expression':
      return;
  }
}

function targetNames(target: Expression, add: (name: NameNode) => void): void {
  if (target.kind === 'name') add(target);
  else if (target.kind === 'list' || target.kind === 'tuple') {
    for (const item of target.items) targetNames(item, add);
  }
}
