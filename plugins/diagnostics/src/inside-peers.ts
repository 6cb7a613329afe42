/** Which servers and gateways belong to this organisation. */
import { BlockList, isIP } from 'node:net';
import type { Flow } from '@parley/sdk';
import { DiagnosticsErrors } from './errors.ts';

const PREFIX_BITS = { 4: 32, 6: 128 } as const;

export class InsidePeers {
  private readonly networks = new BlockList();
  private readonly names: readonly string[];
  private readonly hasNetworks: boolean;

  /** @param peers IP addresses, networks and host names. Throws DIAGNOSTICS_NETWORK_MALFORMED. */
  constructor(peers: readonly string[]) {
    const names = peers.filter((peer) => !this.addNetwork(peer));
    this.names = names;
    this.hasNetworks = names.length < peers.length;
  }

  /** Does the flow lead to one of them? By address, or by a name in the verified certificate. */
  has(flow: Pick<Flow, 'remote' | 'tlsPeer' | 'hasTlsName'>): boolean {
    const { host } = flow.remote;
    if (this.hasNetworks && this.networks.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')) return true;
    return this.names.length > 0 && flow.tlsPeer !== '' && this.names.some((name) => flow.hasTlsName(name));
  }

  /** False for a host name. */
  private addNetwork(peer: string): boolean {
    const [address = '', bits, ...rest] = peer.split('/');
    const version = isIP(address);
    if (version === 0 && bits === undefined) return false;
    const most = PREFIX_BITS[version === 6 ? 6 : 4];
    if (version === 0 || rest.length > 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most))) {
      throw DiagnosticsErrors.DIAGNOSTICS_NETWORK_MALFORMED({ found: peer });
    }
    this.networks.addSubnet(address, bits === undefined ? most : Number(bits), version === 6 ? 'ipv6' : 'ipv4');
    return true;
  }
}
