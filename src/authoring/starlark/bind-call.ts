/** Binds the arguments of a call to the parameters of a row, and says everything that does not fit. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { ErrorCode } from '../../base/error-codes.ts';
import { List, type Value } from '../../starlark/value.ts';
import type { Given } from './graph-values.ts';
import { type BuiltinRow, type Parameter, parametersOf } from './parameter.ts';

interface Argument {
  readonly parameter: Parameter;
  readonly value: Value;
  readonly given: Given;
}

export interface BindProblem {
  readonly code: ErrorCode;
  readonly message: string;
  /** The argument that is meant; the call where absent. */
  readonly given?: Given;
  readonly label?: string;
  readonly notes?: readonly string[];
  readonly help?: string | undefined;
}

export interface Bound {
  /** By name of the parameter; None counts as absent, but for values. */
  readonly arguments: ReadonlyMap<string, Argument>;
  readonly problems: readonly BindProblem[];
}

const shapes = new WeakMap<BuiltinRow, ReadonlyMap<string, Parameter>>();

/** Parameters by every spelling. */
function spellings(row: BuiltinRow): ReadonlyMap<string, Parameter> {
  const known = shapes.get(row);
  if (known !== undefined) return known;
  const made = new Map(
    parametersOf(row).flatMap((parameter) =>
      [parameter.name, ...(parameter.aliases ?? [])].map((name) => [name, parameter] as const),
    ),
  );
  shapes.set(row, made);
  return made;
}

export function bindCall(
  row: BuiltinRow,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
): Bound {
  const bound = new Map<string, Argument>();
  const problems: BindProblem[] = [];
  const [first] = args;
  const isVariadic = row.makes === 'predicate' && row.isVariadic === true;
  const isList = args.length === 1 && first instanceof List;
  const positional = isVariadic && args.length > 0 && !isList ? [new List([...args])] : args;
  for (const [index, value] of positional.entries()) {
    const parameter = row.parameters[index];
    if (parameter === undefined) {
      problems.push(tooMany(row, positional.length, index));
      break;
    }
    put(bound, { parameter, value, given: index });
  }
  for (const [name, value] of kwargs) {
    const parameter = spellings(row).get(name);
    if (parameter === undefined) problems.push(unknown(row, name));
    else if (bound.has(parameter.name))
      problems.push({
        code: 'WF1002',
        message: `${row.name}(…) gets \`${parameter.name}\` twice`,
        given: name,
        label: 'given already',
      });
    else put(bound, { parameter, value, given: name });
  }
  return { arguments: bound, problems };
}

function put(bound: Map<string, Argument>, argument: Argument): void {
  const { parameter, value } = argument;
  if (value !== null || parameter.type === 'json') bound.set(parameter.name, argument);
}

function tooMany({ name, parameters }: BuiltinRow, count: number, index: number): BindProblem {
  const names = parameters.map((parameter) => parameter.name).join(', ');
  return {
    code: 'WF1002',
    message: `${name}(…) takes ${parameters.length} arguments by position, and got ${count}`,
    given: index,
    notes: [`by position: ${names}`],
    help: 'give the others by name',
  };
}

function unknown(row: BuiltinRow, name: string): BindProblem {
  const known = parametersOf(row).map((parameter) => parameter.name);
  const guess = suggestion(name, spellings(row).keys());
  return {
    code: 'WF1002',
    message: `${row.name}(…) has no parameter \`${name}\``,
    given: name,
    label: 'not a parameter here',
    ...(guess === undefined ? { notes: [`parameters: ${known.join(', ')}`] } : {}),
    help: guess,
  };
}
