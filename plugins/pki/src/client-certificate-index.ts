/** Recorded client certificates in memory, by thumbprint and by user. */
import type { ClientCertificate } from './api.ts';

/** Knows nothing of time or store. */
export class ClientCertificateIndex {
  private readonly byThumbprint = new Map<string, ClientCertificate>();
  private readonly byUser = new Map<string, Set<ClientCertificate>>();

  get size(): number {
    return this.byThumbprint.size;
  }

  put(certificate: ClientCertificate): void {
    this.remove(certificate.thumbprint);
    this.byThumbprint.set(certificate.thumbprint, certificate);
    const own = this.byUser.get(certificate.userId);
    if (own === undefined) this.byUser.set(certificate.userId, new Set([certificate]));
    else own.add(certificate);
  }

  remove(thumbprint: string): void {
    const certificate = this.byThumbprint.get(thumbprint);
    if (certificate === undefined) return;
    this.byThumbprint.delete(thumbprint);
    const own = this.byUser.get(certificate.userId);
    own?.delete(certificate);
    if (own?.size === 0) this.byUser.delete(certificate.userId);
  }

  find(thumbprint: string): ClientCertificate | undefined {
    return this.byThumbprint.get(thumbprint);
  }

  /** Newest first. */
  of(userId: string): ClientCertificate[] {
    return [...(this.byUser.get(userId) ?? [])].sort((a, b) => b.issuedAt - a.issuedAt);
  }

  all(): ClientCertificate[] {
    return [...this.byThumbprint.values()];
  }

  /** Forgets those that ended at `now` or before. */
  expire(now: number): void {
    for (const { thumbprint, expiresAt } of this.byThumbprint.values()) if (expiresAt <= now) this.remove(thumbprint);
  }
}
