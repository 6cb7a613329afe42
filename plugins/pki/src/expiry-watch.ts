/** Says in time that a certificate runs out: once for each step. */
import type { X509Certificate } from 'node:crypto';
import type { Log } from '@parley/sdk';
import { subjectOf } from './certificate.ts';

/** Days before the end at which to warn. */
const STEPS = [30, 14, 7, 1];
const EXPIRED = 0;
const DAY_MS = 86_400_000;

/** Remembers what it has said of which certificate. */
export class ExpiryWatch {
  private readonly said = new Map<string, number>();

  constructor(private readonly log: Pick<Log, 'warn' | 'error'>) {}

  /** Warns when the certificate has passed a step since the last look. */
  look(role: string, certificate: X509Certificate, file: string, now: number): void {
    const days = Math.ceil((certificate.validToDate.getTime() - now) / DAY_MS);
    const step = days <= EXPIRED ? EXPIRED : STEPS.findLast((s) => days <= s);
    if (step === undefined || (this.said.get(certificate.fingerprint256) ?? Number.POSITIVE_INFINITY) <= step) return;
    this.said.set(certificate.fingerprint256, step);
    const fields = { certificate: subjectOf(certificate), role, file, validTo: certificate.validToDate.toISOString(), days };
    if (step === EXPIRED) this.log.error(fields, `the ${role} certificate has expired: clients that verify it cannot connect`);
    else this.log.warn(fields, `the ${role} certificate expires in ${days} days`);
  }
}
