import type { Position } from '../position.ts';
import type { Argument, Parameter } from '../syntax/tree.ts';

type Fail = (position: Position, message: string) => void;

/** The order and repetition of a call's arguments. */
export function checkArguments(args: readonly Argument[], fail: Fail): void {
  let hasStar = false;
  let hasStarStar = false;
  const names = new Set<string>();
  for (const { kind, name, position } of args) {
    switch (kind) {
      case 'starstar':
        if (hasStarStar) fail(position, 'multiple **kwargs not allowed');
        hasStarStar = true;
        break;
      case 'star':
        if (hasStarStar) fail(position, '*args may not follow **kwargs');
        else if (hasStar) fail(position, 'multiple *args not allowed');
        hasStar = true;
        break;
      case 'named':
        if (hasStarStar) fail(position, 'keyword argument may not follow **kwargs');
        else if (hasStar) fail(position, 'keyword argument may not follow *args');
        if (names.has(name)) fail(position, `keyword argument "${name}" is repeated`);
        names.add(name);
        break;
      case 'positional':
        if (hasStar) fail(position, 'positional argument may not follow *args');
        else if (hasStarStar) fail(position, 'positional argument may not follow **kwargs');
        else if (names.size > 0) fail(position, 'positional argument may not follow named');
        break;
    }
  }
}

/** The order of a function's parameters. */
export function checkParameters(parameters: readonly Parameter[], fail: Fail): void {
  let hasOptional = false;
  let star: Parameter | undefined;
  let hasStarStar = false;
  let keywordOnly = 0;
  for (const parameter of parameters) {
    const { kind, fallback, position } = parameter;
    if (kind === 'starstar') {
      if (hasStarStar) fail(position, 'multiple ** parameters not allowed');
      hasStarStar = true;
    } else if (kind === 'star') {
      if (hasStarStar) fail(position, '* parameter may not follow **kwargs');
      else if (star !== undefined) fail(position, 'multiple * parameters not allowed');
      else star = parameter;
    } else {
      if (hasStarStar) fail(position, 'parameter may not follow **kwargs');
      if (star !== undefined) keywordOnly++;
      else if (fallback === undefined && hasOptional) {
        fail(position, 'required parameter may not follow optional');
      }
      if (fallback !== undefined) hasOptional = true;
    }
  }
  if (star !== undefined && star.name === undefined && keywordOnly === 0) {
    fail(star.position, 'bare * must be followed by keyword-only parameters');
  }
}
