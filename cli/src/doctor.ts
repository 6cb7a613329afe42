/** `parley doctor`: what stands between this configuration and clients that can sign in, and how to mend each. */
import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { connect } from 'node:tls';
import { networkInterfaces } from 'node:os';
import type { ServerConfig } from '@parley/core';
import { zoneRecords } from './dns-zone.ts';
import type { ZoneRecord } from './dns-zone.ts';

export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly fix?: string;
}

const DAY_MS = 86_400_000;
const EXPIRY_WARNING_DAYS = 30;
const DNS_TIMEOUT_MS = 2_000;
const TLS_TIMEOUT_MS = 3_000;
/** A clock that was never set is far off in years, not minutes; no time server is asked. */
const BUILT = Date.parse('2026-01-01');

/** All checks, in the order in which an operator mends things. `running`: whether a server answers on the data folder now. */
export async function examine(config: ServerConfig, running: boolean, dnsServers?: readonly string[]): Promise<Finding[]> {
  return [
    dataFolder(config.dataDir),
    clock(),
    ...(await Promise.all(config.listen.map((listener) => port(listener, running)))),
    ...(running
      ? await Promise.all(config.listen.filter(({ transport }) => transport === 'tls').map((listener) => certificate(listener, config)))
      : []),
    ...(await names(config, dnsServers)),
  ];
}

function dataFolder(folder: string): Finding {
  const check = 'data folder';
  if (!existsSync(folder)) return { check, state: 'ok', found: `${folder} will be made at the first start` };
  const mode = statSync(folder).mode & 0o777;
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return { check, state: 'fail', found: `${folder} cannot be written`, fix: `Make the server's user its owner: chown -R USER ${folder}` };
  }
  if ((mode & 0o077) !== 0) {
    return { check, state: 'warn', found: `${folder} is open to other users (mode ${mode.toString(8)})`, fix: `chmod 700 ${folder}` };
  }
  return { check, state: 'ok', found: folder };
}

function clock(): Finding {
  const now = new Date();
  if (now.getTime() < BUILT)
    return { check: 'clock', state: 'fail', found: now.toISOString(), fix: 'Set the clock; certificates and nonces depend on it.' };
  return { check: 'clock', state: 'ok', found: now.toISOString() };
}

type Listener = ServerConfig['listen'][number];

async function port(listener: Listener, running: boolean): Promise<Finding> {
  const check = `port ${listener.transport} ${listener.host}:${listener.port}`;
  if (running || listener.port === 0) return { check, state: 'ok', found: running ? 'in use by the running server' : 'any free port' };
  const fault = await (listener.transport === 'udp' ? tryUdp(listener) : tryTcp(listener));
  if (fault === undefined) return { check, state: 'ok', found: 'free' };
  const fix =
    fault === 'EADDRINUSE'
      ? `Stop the program that uses it (ss -lnp | grep ${listener.port}), or choose another port.`
      : fault === 'EACCES'
        ? 'Ports below 1024 need a privilege: choose a higher one, or grant CAP_NET_BIND_SERVICE.'
        : 'Use an address of this machine, or 0.0.0.0 for all.';
  return { check, state: 'fail', found: fault, fix };
}

function tryTcp({ host, port }: Listener): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function tryUdp({ host, port }: Listener): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

/** Asks the running server for its certificate, as a client would. */
async function certificate(listener: Listener, config: ServerConfig): Promise<Finding> {
  const check = `certificate on port ${listener.port}`;
  const host = listener.host === '0.0.0.0' ? '127.0.0.1' : listener.host === '::' ? '::1' : listener.host;
  const shown = await peerCertificate(host, listener.port, config.fqdn);
  if (typeof shown === 'string') return { check, state: 'fail', found: shown, fix: 'Look into the log of the server for the reason.' };
  const days = Math.floor((Date.parse(shown.validTo) - Date.now()) / DAY_MS);
  const missing = [config.fqdn, ...config.domains].filter((name) => shown.checkHost(name) === undefined);
  if (days < 0) return { check, state: 'fail', found: `expired on ${shown.validTo}`, fix: 'Replace it; parley pki show says which files.' };
  if (missing.length > 0) {
    return {
      check,
      state: 'fail',
      found: `does not carry ${missing.join(', ')}`,
      fix: 'Have it issued for all names that clients connect to.',
    };
  }
  if (days < EXPIRY_WARNING_DAYS)
    return { check, state: 'warn', found: `expires in ${days} days`, fix: 'Renew it; the server loads new files by itself.' };
  return { check, state: 'ok', found: `valid for ${days} more days` };
}

function peerCertificate(host: string, port: number, servername: string): Promise<X509Certificate | string> {
  return new Promise((resolve) => {
    // The question is what the server shows, not whether this machine trusts it; nothing is sent.
    const socket = connect({ host, port, servername, rejectUnauthorized: false, timeout: TLS_TIMEOUT_MS }, () => {
      const shown = socket.getPeerX509Certificate();
      socket.destroy();
      resolve(shown ?? 'no certificate shown');
    });
    socket.once('timeout', () => {
      socket.destroy();
      resolve(`no TLS handshake within ${TLS_TIMEOUT_MS / 1000} s`);
    });
    socket.once('error', (error) => resolve(error.message));
  });
}

/** The addresses of this machine that others may reach. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.internal && !one.address.startsWith('fe80'))
    .map((one) => one.address);
}

async function names(config: ServerConfig, dnsServers: readonly string[] | undefined): Promise<Finding[]> {
  const local = config.domains.every((domain) => domain === 'localhost' || domain.endsWith('.localhost'));
  if (local) return [{ check: 'DNS', state: 'ok', found: `${config.domains.join(', ')} is for this machine alone: nothing to publish` }];
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
  if (dnsServers !== undefined) resolver.setServers(dnsServers);
  const records = zoneRecords({ ...config, listeners: config.listen, addresses: ['0.0.0.0'] });
  const wanted = records.filter((record) => record.type === 'SRV' || (record.type === 'A' && record.name === config.fqdn));
  return Promise.all(wanted.map((record) => published(record, resolver)));
}

async function published(record: ZoneRecord, resolver: Resolver): Promise<Finding> {
  const check = `DNS ${record.type} ${record.name}`;
  try {
    if (record.type === 'A') {
      const addresses = [
        ...(await resolver.resolve4(record.name).catch(() => [])),
        ...(await resolver.resolve6(record.name).catch(() => [])),
      ];
      const own = ownAddresses();
      if (addresses.length === 0) return { check, state: 'fail', found: 'no address', fix: 'Publish what parley dns prints.' };
      if (addresses.some((address) => own.includes(address))) return { check, state: 'ok', found: addresses.join(', ') };
      return {
        check,
        state: 'warn',
        found: `${addresses.join(', ')}: not of this machine`,
        fix: 'Right behind a router or balancer; else mend the record.',
      };
    }
    const found = await resolver.resolveSrv(record.name);
    const [, , wantedPort, target] = record.value.split(' ');
    const match = found.some((srv) => `${srv.name}.` === target && String(srv.port) === wantedPort);
    const text = found.map((srv) => `${srv.name}:${srv.port}`).join(', ');
    if (match) return { check, state: 'ok', found: text };
    return { check, state: 'warn', found: text, fix: `It should lead to ${target ?? ''} port ${wantedPort ?? ''}.` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return { check, state: 'warn', found: code, fix: `Publish it (${record.purpose}); parley dns prints the zone.` };
  }
}
