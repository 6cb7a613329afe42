/** What `parley health` says of the routing scripts. */
import type { LoadedApplication, ScriptSource } from './script-source.ts';
import type { HealthResult } from './telemetry.ts';

/** Something that is not as it should be, while the server serves. */
type Finding = Required<Pick<HealthResult, 'detail' | 'fix'>>;

/**
 * @param off applications of plugins that are switched off
 * @param behind why this node does not run what the store has; undefined while it does
 */
export function scriptHealth(chain: readonly LoadedApplication[], off: readonly ScriptSource[], behind: string | undefined): HealthResult {
  const fix = 'Bring plugins and configuration in line with the other nodes, then: parley script reload';
  if (behind !== undefined)
    return { state: 'fail', detail: `other scripts are stored than run here: ${behind.split('\n', 1)[0] ?? ''}`, fix };
  const findings = [...stopped(chain), ...chain.flatMap(tablesBehind), ...switchedOff(off)];
  if (findings.length === 0) return { state: 'ok', detail: `${chain.length} applications` };
  const all = (part: keyof Finding, between: string): string => findings.map((finding) => finding[part]).join(between);
  return { state: 'warn', detail: all('detail', '; '), fix: all('fix', ' ') };
}

function stopped(chain: readonly LoadedApplication[]): readonly Finding[] {
  const names = chain.filter(({ disabled }) => disabled).map(({ name }) => name);
  if (names.length === 0) return [];
  const fix = `See their errors in the log, mend them, then: parley script enable ${names[0]}`;
  return [{ detail: `stopped after ten critical errors: ${names.join(', ')}`, fix }];
}

/** Tables whose files have become something that cannot be used. */
function tablesBehind({ name, compiled }: LoadedApplication): readonly Finding[] {
  return compiled.tableFaults.map(({ message, fix }) => ({ detail: `${name} goes on with an older table: ${message}`, fix }));
}

function switchedOff(off: readonly ScriptSource[]): readonly Finding[] {
  if (off.length === 0) return [];
  return [{ detail: `switched off: ${off.map(offText).join('; ')}`, fix: `parley script enable ${off[0]?.name ?? ''}` }];
}

/** `routing/routes.am, so that no call or message is delivered` */
function offText({ name, without }: Pick<ScriptSource, 'name' | 'without'>): string {
  return without === undefined ? name : `${name}, so that ${without}`;
}
