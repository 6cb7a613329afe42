/** Which of a user's endpoints a request is sent to. Pure. */
import type { Binding } from '@parley/plugin-registrar/api';

/** Who sends, as far as it could be one of the endpoints itself. */
export interface Caller {
  /** `alice@example.com`; '' when not known. */
  readonly aor: string;
  /** From's epid; '' without one. */
  readonly epid: string;
  /** Connection that the request came on; 0 for UDP. */
  readonly flowId: number;
}

/**
 * The endpoints to try, at most `limit`.
 * - Somebody who calls herself does not ring the endpoint that she calls from ([MS-SIPRE] 4.3).
 * - Of several flows of one instance, the one that was refreshed last stands for all (RFC 5626 section 5.3).
 */
export function chooseEndpoints(bindings: readonly Binding[], aor: string, caller: Caller, limit: number): readonly Binding[] {
  let chosen = bindings;
  if (caller.aor === aor) chosen = chosen.filter((binding) => !isCaller(binding, caller));
  if (chosen.some((binding) => binding.regId > 0)) chosen = onePerInstance(chosen);
  return chosen.length > limit ? chosen.slice(0, limit) : chosen;
}

function isCaller(binding: Binding, caller: Caller): boolean {
  if (caller.epid !== '' && binding.epid !== '') return caller.epid.toLowerCase() === binding.epid.toLowerCase();
  return caller.flowId !== 0 && caller.flowId === binding.flowId;
}

function onePerInstance(bindings: readonly Binding[]): readonly Binding[] {
  const latest = new Map<string, Binding>();
  for (const binding of bindings) {
    const known = latest.get(binding.instance);
    if (binding.instance !== '' && (known === undefined || binding.refreshedAt >= known.refreshedAt)) latest.set(binding.instance, binding);
  }
  return bindings.filter((binding) => binding.instance === '' || latest.get(binding.instance) === binding);
}
