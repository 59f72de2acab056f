/**
 * Scripts as data: a scene is one piece of work that a scripted model knows how to do, turn by turn. Which
 * scene is played follows from what is asked, how far it has come from what has been said; so any number of
 * conversations may go on at once, and one that is taken up by another process goes on where it was. Where
 * the world answers what the script does not know, it refuses: a script is no model, and must not pass for
 * one.
 */
import type { Json } from '../../base/json.ts';
import type {
  ScriptedMessage,
  ScriptedRequest,
  ScriptedToolCall,
  ScriptedTurn,
  ScriptedUsage,
} from './dialect.ts';

export interface Scene {
  /** For people, and for refusals. */
  readonly name: string;
  /** Only for this model; for any where absent. */
  readonly model?: string;
  /** Texts that all stand in the first question, by which the scene is known. */
  readonly asked: readonly string[];
  /** Name → pattern over the question, which must be there: its first group is `{{name}}` in answers. */
  readonly finds?: Readonly<Record<string, RegExp>>;
  /** The same for all that is there, none too: they take the place of the item `{{*name}}` of a list. */
  readonly collects?: Readonly<Record<string, RegExp>>;
  readonly turns: readonly SceneTurn[];
}

export interface SceneTurn {
  /** Texts that all stand in what tools have answered since the turn before. */
  readonly told?: readonly string[];
  /** Words beside the calls, or the whole answer. */
  readonly say?: string;
  readonly calls?: readonly ScriptedToolCall[];
  /** A typed answer in place of words. */
  readonly answer?: Json;
  readonly latencyMs?: number;
  /** Estimated from the lengths where absent. */
  readonly usage?: Partial<ScriptedUsage>;
  /** What goes wrong before the turn is given, one a sending; see `faults.ts`. */
  readonly faults?: readonly string[];
}

export interface SceneryParts {
  readonly scenes: readonly Scene[];
  /** What the reader of a refusal can do instead. */
  readonly hint: string;
}

/** A script for a server. Remembers only which faults have struck. */
export function playScenes(parts: SceneryParts): (request: ScriptedRequest) => ScriptedTurn {
  const struck = new Map<string, number>();
  return (request) => {
    const found = turnFor(request, parts);
    if ('refusal' in found) return { refusal: `${found.refusal}; ${parts.hint}` };
    const { turn, key, values } = found;
    const count = struck.get(key) ?? 0;
    const fault = turn.faults?.[count];
    if (fault !== undefined) struck.set(key, count + 1);
    const { say, answer, calls, latencyMs, usage } = turn;
    const text = answer === undefined ? say : JSON.stringify(filled(answer, values));
    return {
      ...(text === undefined ? {} : { text }),
      ...(calls === undefined ? {} : { toolCalls: calls }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(usage === undefined ? {} : { usage }),
      ...(fault === undefined ? {} : { fault }),
    };
  };
}

/** By name; under `*name` all that a pattern has found. */
type Values = ReadonlyMap<string, string | readonly string[]>;

type Found =
  | { readonly turn: SceneTurn; readonly key: string; readonly values: Values }
  | { readonly refusal: string };

const MAX_QUOTE = 120;

function turnFor({ model, messages }: ScriptedRequest, { scenes }: SceneryParts): Found {
  const question = messages[0]?.text ?? '';
  const scene = scenes.find(
    (one) =>
      (one.model === undefined || one.model === model) &&
      one.asked.every((text) => question.includes(text)),
  );
  if (scene === undefined) {
    const line = question.trim().split('\n')[0] ?? '';
    return { refusal: `no script answers \`${line.slice(0, MAX_QUOTE)}\`` };
  }
  const values = new Map<string, string | readonly string[]>();
  for (const [name, pattern] of Object.entries(scene.finds ?? {})) {
    const value = pattern.exec(question)?.[1];
    if (value === undefined) return { refusal: `script "${scene.name}" finds no ${name} to go by` };
    values.set(name, value);
  }
  for (const [name, pattern] of Object.entries(scene.collects ?? {})) {
    const all = question.matchAll(new RegExp(pattern, 'g'));
    values.set(
      `*${name}`,
      Array.from(all, ([, value = '']) => value),
    );
  }
  const said = messages.filter(({ role }) => role === 'assistant').length;
  const turn = scene.turns[said];
  if (turn === undefined) {
    return { refusal: `script "${scene.name}" has ended, and the conversation goes on` };
  }
  const told = toldSince(messages);
  const missing = turn.told?.find((text) => !told.includes(text));
  if (missing !== undefined) {
    const came = told.trim().split('\n')[0] ?? '';
    return {
      refusal: `script "${scene.name}" expects \`${missing}\` before turn ${said + 1}, and was told \`${came.slice(0, MAX_QUOTE)}\``,
    };
  }
  return { turn, key: `${scene.name}/${said}`, values };
}

/** What tools have answered since the model last spoke. */
function toldSince(messages: readonly ScriptedMessage[]): string {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  return messages
    .slice(last + 1)
    .filter(({ role }) => role === 'tool')
    .map(({ text }) => text)
    .join('\n');
}

function filled(value: Json, values: Values): Json {
  if (typeof value === 'string') {
    return value.replace(/\{\{(\w+)\}\}/g, (hole, name: string) => {
      const found = values.get(name);
      return typeof found === 'string' ? found : hole;
    });
  }
  if (Array.isArray(value)) return value.flatMap((item) => filledItem(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, filled(item as Json, values)]),
  );
}

function filledItem(item: Json, values: Values): readonly Json[] {
  const name = typeof item === 'string' ? /^\{\{(\*\w+)\}\}$/.exec(item)?.[1] : undefined;
  const found = name === undefined ? undefined : values.get(name);
  return typeof found === 'object' ? found : [filled(item, values)];
}
