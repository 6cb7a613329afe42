/** The value of an ms-diagnostics header, written and read. [MS-OCER] section 2.2.1. */
import { quotableText } from '@parley/sdk';

/** What of a value matters here. */
export interface DiagnosticValue {
  /** ErrorId, 0..65535; undefined when the value does not begin with one. */
  readonly id: number | undefined;
  /** '' without one. */
  readonly reason: string;
}

const MAX_ID = 65_535;
/** Older texts allow a sub-code behind a point; it is left out. */
const ERROR_ID = /^\s*(\d{1,5})(?:\.\d+)?\s*(?:;|$)/;
const REASON = /;\s*reason\s*=\s*"((?:[^"\\]|\\.)*)"/i;

/** `1003;reason="User does not exist";source="uc.example.com"`, without source for ms-diagnostics-public. `reason` may hold anything. */
export function writeDiagnostic(id: number, reason: string, source?: string): string {
  const value = `${id};reason="${quotableText(reason)}"`;
  return source === undefined ? value : `${value};source="${source}"`;
}

/** Never throws: what a peer wrote may be anything. */
export function readDiagnostic(value: string): DiagnosticValue {
  const number = Number(ERROR_ID.exec(value)?.[1] ?? Number.NaN);
  const reason = REASON.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? '';
  return { id: number <= MAX_ID ? number : undefined, reason };
}
