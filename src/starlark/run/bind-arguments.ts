import { suggestion } from '../did-you-mean.ts';
import { StarlarkError } from '../error.ts';
import type { Frame, FunctionCode, StarlarkFunction } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { newFrame } from '../values/frame.ts';
import type { Value } from '../values/object.ts';
import { Tuple } from '../values/tuple.ts';

/** Makes the frame of a call from arguments of any shape: the slow and complete way.
 * @throws {StarlarkError} if they don't fit the parameters. */
export function bindArguments(
  callee: StarlarkFunction,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
): Frame {
  const { code } = callee;
  if (code.isSimple && args.length === code.positionalCount && kwargs.size === 0) {
    const simple = newFrame(code.frameSize);
    for (let slot = 0; slot < args.length; slot++) simple[slot] = args[slot];
    return simple;
  }
  const frame: Frame = newFrame(code.frameSize);
  const plainCount = code.positionalCount + code.keywordOnlyCount;
  const hasNone = code.parameters.length === 0;
  if (hasNone && args.length + kwargs.size > 0) {
    const given = args.length + kwargs.size;
    throw new StarlarkError(`function ${code.name} accepts no arguments (${given} given)`);
  }
  if (args.length > code.positionalCount && !code.hasVarargs) {
    throw new StarlarkError(tooMany(callee, args.length));
  }
  const direct = Math.min(args.length, code.positionalCount);
  for (let slot = 0; slot < direct; slot++) frame[slot] = args[slot];
  let next = plainCount;
  if (code.hasVarargs) {
    frame[next] = new Tuple(args.slice(direct));
    next++;
  }
  const rest = code.hasKwargs ? new Dict() : undefined;
  if (rest !== undefined) frame[next] = rest;
  for (const [name, value] of kwargs) bindNamed(code, frame, rest, name, value);
  fillDefaults(callee, frame, plainCount);
  return frame;
}

function tooMany({ code, defaults }: StarlarkFunction, given: number): string {
  const count = code.positionalCount;
  const hasDefaults = defaults.slice(0, count).some((value) => value !== undefined);
  const limit = `${hasDefaults ? 'at most ' : ''}${count} positional argument${plural(count)}`;
  return `function ${code.name} accepts ${limit} (${given} given)`;
}

function bindNamed(
  code: FunctionCode,
  frame: Frame,
  rest: Dict | undefined,
  name: string,
  value: Value,
): void {
  const plainCount = code.positionalCount + code.keywordOnlyCount;
  const slot = code.parameters.indexOf(name);
  if (slot >= 0 && slot < plainCount) {
    if (frame[slot] !== undefined) throw new StarlarkError(repeated(code, name));
    frame[slot] = value;
    return;
  }
  if (rest === undefined) {
    const hint = suggestion(name, code.parameters.slice(0, plainCount));
    throw new StarlarkError(
      `function ${code.name} got an unexpected keyword argument "${name}"${hint}`,
    );
  }
  if (rest.has(name)) throw new StarlarkError(repeated(code, name));
  rest.put(name, value);
}

function repeated(code: FunctionCode, name: string): string {
  return `function ${code.name} got multiple values for parameter "${name}"`;
}

function fillDefaults(callee: StarlarkFunction, frame: Frame, plainCount: number): void {
  const missing: string[] = [];
  for (let slot = 0; slot < plainCount; slot++) {
    if (frame[slot] !== undefined) continue;
    frame[slot] = callee.defaults[slot];
    if (frame[slot] === undefined) missing.push(callee.code.parameters[slot] ?? '');
  }
  if (missing.length === 0) return;
  const list = `${missing.length} argument${plural(missing.length)} (${missing.join(', ')})`;
  throw new StarlarkError(`function ${callee.code.name} missing ${list}`);
}

function plural(count: number): string {
  return count === 1 ? '' : 's';
}
