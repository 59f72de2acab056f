/** Reads the entries of `[roles]`, `[models]` and `[prices]`. Each throws WF2007 for what cannot be meant. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { roleNames } from '../../workflow/roles.ts';
import { type Entry, membersOf, misfit, unknown } from '../table-entry.ts';
import {
  capabilityNames,
  type Known,
  type ListPrice,
  type ModelFacts,
  parseModelName,
  type Sourced,
} from './models-config.ts';

const MAX_MODELS = 8;

/** The models of a role, first choice first; undefined for no role. */
export function readRole(
  { name, value, span, origin }: Entry,
  warnings: Diagnostic[],
): Sourced<readonly string[]> | undefined {
  const known: readonly string[] = ['default', ...roleNames];
  if (!known.includes(name)) {
    warnings.push(unknown(`roles.${name}`, span, known));
    return undefined;
  }
  const models: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isFine = (model: unknown): model is string =>
    typeof model === 'string' && parseModelName(model) !== undefined;
  if (models.length === 0 || models.length > MAX_MODELS || !models.every(isFine)) {
    const message = `roles.${name} is no model, nor a list of up to ${MAX_MODELS}`;
    throw misfit(span, message, 'write "PROVIDER:MODEL"');
  }
  return { value: models, origin };
}

export function readFacts(entry: Entry, warnings: Diagnostic[]): ModelFacts {
  checkModelName(entry);
  const members = membersOf(entry, [...capabilityNames, 'context', 'max_output'], warnings);
  const capabilities = capabilityNames.flatMap((name) => {
    const member = members.get(name);
    if (member === undefined) return [];
    return [[name, { value: readKnown(member), origin: member.origin }] as const];
  });
  const contextTokens = readCount(members.get('context'));
  const maxOutputTokens = readCount(members.get('max_output'));
  return {
    capabilities: Object.fromEntries(capabilities),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

export function readKnown({ name, value, span }: Entry): Known {
  if (value === 'yes' || value === 'no' || value === 'unknown') return value;
  throw misfit(span, `${name} is yes, no or unknown, as a text`);
}

export function readPrice(entry: Entry, warnings: Diagnostic[]): Sourced<ListPrice> {
  checkModelName(entry);
  const members = membersOf(entry, ['input', 'output', 'cache_read', 'cache_write'], warnings);
  const input = readUsd(members.get('input'));
  const output = readUsd(members.get('output'));
  if (input === undefined || output === undefined) {
    throw misfit(entry.span, `a price of ${entry.name} has input and output`);
  }
  const cacheRead = readUsd(members.get('cache_read'));
  const cacheWrite = readUsd(members.get('cache_write'));
  const value = {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
  return { value, origin: entry.origin };
}

function checkModelName({ section, name, span }: Entry): void {
  if (parseModelName(name) !== undefined) return;
  throw misfit(span, `${section} has a name that is no model`, `[${section}."PROVIDER:MODEL"]`);
}

const MAX_TOKENS = 1e9;

function readCount(member: Entry | undefined): Sourced<number> | undefined {
  if (member === undefined) return undefined;
  const { value, origin, name, span } = member;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_TOKENS) {
    throw misfit(span, `${name} is a number of tokens from 1 to ${MAX_TOKENS}`);
  }
  return { value, origin };
}

const MAX_USD = 1e6;

function readUsd(member: Entry | undefined): number | undefined {
  if (member === undefined) return undefined;
  const { value, name, span } = member;
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_USD)) {
    throw misfit(span, `${name} is US dollars per million tokens, from 0 to ${MAX_USD}`);
  }
  return value;
}
