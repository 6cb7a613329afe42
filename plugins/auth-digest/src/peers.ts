/** Who need not answer challenges. */
import type { BlockList } from 'node:net';
import type { Flow } from '@parley/sdk';
import type { DigestConfig } from './config.ts';
import { contains, isNetwork, networkList } from './networks.ts';

/** Trusted peers, known by address or by the name in a verified TLS certificate, and exempt networks. */
export class Peers {
  private readonly trusted: BlockList | undefined;
  private readonly trustedNames: readonly string[];
  private readonly exempt: BlockList | undefined;

  /** Throws DIGEST_NETWORK_MALFORMED. */
  constructor(config: Pick<DigestConfig, 'exemptNetworks' | 'trustedPeers'>) {
    const networks = config.trustedPeers.filter(isNetwork);
    this.trusted = networks.length === 0 ? undefined : networkList(networks, 'trustedPeers');
    this.trustedNames = config.trustedPeers.filter((peer) => !isNetwork(peer));
    this.exempt = config.exemptNetworks.length === 0 ? undefined : networkList(config.exemptNetworks, 'exemptNetworks');
  }

  /** Vouches for the users whose requests it brings. */
  isTrusted(flow: Flow): boolean {
    if (this.trusted !== undefined && contains(this.trusted, flow.remote.host)) return true;
    return this.trustedNames.length > 0 && flow.tlsPeer !== '' && this.trustedNames.some((name) => flow.hasTlsName(name));
  }

  /** Is not challenged, and believed nothing. */
  isExempt(flow: Flow): boolean {
    return this.exempt !== undefined && contains(this.exempt, flow.remote.host);
  }
}
