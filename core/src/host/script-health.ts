/** What `parley health` says of the routing scripts. */
import type { LoadedApplication, ScriptSource } from './script-source.ts';
import type { HealthResult } from './telemetry.ts';

/**
 * @param off applications of plugins that are switched off
 * @param behind why this node does not run what the store has; undefined while it does
 */
export function scriptHealth(chain: readonly LoadedApplication[], off: readonly ScriptSource[], behind: string | undefined): HealthResult {
  const fix = 'Bring plugins and configuration in line with the other nodes, then: parley script reload';
  if (behind !== undefined)
    return { state: 'fail', detail: `other scripts are stored than run here: ${behind.split('\n', 1)[0] ?? ''}`, fix };
  const stopped = chain.filter(({ disabled }) => disabled).map(({ name }) => name);
  if (stopped.length > 0) {
    return {
      state: 'warn',
      detail: `stopped after ten critical errors: ${stopped.join(', ')}`,
      fix: `See their errors in the log, mend them, then: parley script enable ${stopped[0]}`,
    };
  }
  if (off.length === 0) return { state: 'ok', detail: `${chain.length} applications` };
  return { state: 'warn', detail: `switched off: ${off.map(offText).join('; ')}`, fix: `parley script enable ${off[0]?.name ?? ''}` };
}

/** `routing/routes.am, so that no call or message is delivered` */
function offText({ name, without }: Pick<ScriptSource, 'name' | 'without'>): string {
  return without === undefined ? name : `${name}, so that ${without}`;
}
