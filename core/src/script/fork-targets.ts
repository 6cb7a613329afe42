/** The targets of a fork: in which order, and what each is told. */
import { H } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ForkTarget } from './request-context.ts';

/** [MS-SIPRE] 3.1: the request as delivered names the endpoint in its To. */
export function addEpid(request: SipRequest, epid: string): void {
  const to = request.first(H.To) ?? '';
  if (request.to.epid === undefined) request.set(H.To, `${to};epid=${epid}`);
}

/** Groups that are tried one after the other, the highest q first. */
export function groupByQ(targets: readonly ForkTarget[]): ForkTarget[][] {
  const byQ = Map.groupBy(targets, (target) => target.q ?? 1);
  return [...byQ.entries()].sort(([a], [b]) => b - a).map(([, group]) => group);
}
