/** Draws diagnostics with their source lines. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { drawDiagnostics, type Ink } from '../authoring/draw-diagnostics.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { findPlaces } from '../workbench/places.ts';
import { STDIN_NAME } from '../workbench/stdin-name.ts';
import type { Host } from './host.ts';
import type { Paint, Style } from './style.ts';

const MAX_SOURCE_BYTES = 1_048_576;

const PAINTS: Readonly<Record<Ink, Paint>> = {
  error: 'red',
  warning: 'yellow',
  message: 'bold',
  place: 'cyan',
  gutter: 'dim',
  note: 'dim',
  help: 'cyan',
};

/** Where the paths of diagnostics may begin: the repository, the working folder. */
export function rootsOf(cwd: string): readonly string[] {
  return [findPlaces({ cwd, env: {} }).root, cwd];
}

export interface DrawRequest {
  readonly host: Pick<Host, 'readInput'>;
  readonly roots: readonly string[];
  readonly style: Style;
  /** Of the terminal; no limit of its own where there is none. */
  readonly width?: number | undefined;
}

export function drawProblems(
  diagnostics: readonly Diagnostic[],
  { host, roots, style, width }: DrawRequest,
): string {
  const source = (file: string): string | undefined => {
    if (file === STDIN_NAME) return host.readInput();
    for (const root of roots) {
      const text = readSource(resolve(root, file));
      if (text !== undefined) return text;
    }
    return undefined;
  };
  const paint = (ink: Ink, text: string): string => style.paint(PAINTS[ink], text);
  return drawDiagnostics(diagnostics, { source, paint, width });
}

/** Undefined for what cannot be read: the message stands without its line. */
function readSource(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > MAX_SOURCE_BYTES) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
