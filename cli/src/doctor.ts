/** `parley doctor`: what stands between this configuration and clients that can sign in, and how to mend each. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { lockHolder, rehearseStart, unknownVariables } from '@parley/core';
import type { ServerConfig } from '@parley/core';
import { checkCertificate } from './doctor-certificates.ts';
import type { CertifiedPort } from './doctor-certificates.ts';
import { checkNames, nameLookup } from './doctor-names.ts';
import { checkPort } from './doctor-ports.ts';
import type { Finding } from './finding.ts';
import { targetIn } from './dns-zone.ts';
import { listeningPorts } from './listening-ports.ts';
import { webListener } from './web-config.ts';
import type { WebListener } from './web-config.ts';

/** A clock that was never set is far off in years, not minutes; no time server is asked. */
const BUILT = Date.parse('2026-01-01');
/** Where clients look for autodiscover; they cannot be told another port. [MS-OCDISCWS] section 2. */
const HTTPS_PORT = 443;

/** All checks, in the order in which an operator mends things. `running`: whether a server answers on the data folder now. */
export async function examine(config: ServerConfig, running: boolean, dnsServers?: readonly string[]): Promise<Finding[]> {
  const web = webListener(config);
  const zone = { domains: config.domains, fqdn: config.fqdn, listeners: config.listen, web };
  return [
    dataFolder(config.dataDir),
    clock(),
    await start(config),
    ...(running ? sameConfig(config) : []),
    ...unknownVariables(
      process.env,
      config.plugins.map(({ plugin }) => plugin.name),
    ).map(unknownVariable),
    ...(await Promise.all(listeningPorts(config).map((port) => checkPort(port, running)))),
    ...(web?.autodiscover === true ? [autodiscoverPort(web)] : []),
    ...(running ? await Promise.all(certifiedPorts(config, web).map(checkCertificate)) : []),
    ...(await checkNames(zone, nameLookup(dnsServers))),
  ];
}

function dataFolder(folder: string): Finding {
  const check = 'data folder';
  if (!existsSync(folder)) return missingFolder(check, folder);
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

/** The first start makes it, where the nearest folder above lets it. */
function missingFolder(check: string, folder: string): Finding {
  let above = dirname(folder);
  while (!existsSync(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return { check, state: 'ok', found: `${folder} will be made at the first start` };
  } catch {
    return {
      check,
      state: 'fail',
      found: `${folder} cannot be made: ${above} cannot be written`,
      fix: `Make it with the server's user as its owner, or name another folder as dataDir.`,
    };
  }
}

function clock(): Finding {
  const now = new Date();
  if (now.getTime() < BUILT) {
    return {
      check: 'clock',
      state: 'fail',
      found: now.toISOString(),
      fix: 'Set the clock; certificates, Kerberos tickets and nonces depend on it.',
    };
  }
  return { check: 'clock', state: 'ok', found: now.toISOString() };
}

/** What `parley start` does, as far as it can be done without anybody noticing. */
async function start(config: ServerConfig): Promise<Finding> {
  const check = 'start';
  const refusal = await rehearseStart(config);
  if (refusal !== undefined) return { check, state: 'fail', found: refusal.reason, fix: refusal.fix };
  return { check, state: 'ok', found: `${config.plugins.length} plugins fit together and start; scripts compile, files can be read` };
}

/** A server reads its configuration once, all but its scripts. A file's time does not tell which of both was changed. */
function sameConfig({ file, dataDir }: ServerConfig): Finding[] {
  const since = lockHolder(dataDir)?.since;
  if (file === undefined || since === undefined) return [];
  const check = 'configuration';
  const changed = statSync(file).mtime;
  if (changed.getTime() <= Date.parse(since)) return [{ check, state: 'ok', found: `unchanged since the server was started` }];
  return [
    {
      check,
      state: 'warn',
      found: `${file} was changed at ${changed.toISOString()}, after the server was started (${since}): it runs with what the file said before, scripts apart that were read again`,
      fix: 'Start the server again when it suits; where only scripts were changed, `parley script reload` is enough, and this stays until the next start.',
    },
  ];
}

function unknownVariable({ name, meant }: { readonly name: string; readonly meant: string | undefined }): Finding {
  const fix = meant === undefined ? 'docs/configuration.md lists those that have.' : `Did you mean ${meant}?`;
  return { check: 'environment', state: 'warn', found: `${name} has no meaning for this server`, fix };
}

/** Lync clients ask lyncdiscover on the standard port, and go on to SRV records where nobody answers. */
function autodiscoverPort({ port }: WebListener): Finding {
  const check = 'autodiscover port';
  if (port === HTTPS_PORT) return { check, state: 'ok', found: `https on ${port}` };
  return {
    check,
    state: 'warn',
    found: `https on ${port}; clients ask lyncdiscover on ${HTTPS_PORT} only`,
    fix: `Set web.port to ${HTTPS_PORT}, or let a proxy or the firewall lead ${HTTPS_PORT} there; without it clients find the server by SRV records.`,
  };
}

function certifiedPorts({ listen, fqdn, domains }: ServerConfig, web: WebListener | undefined): readonly CertifiedPort[] {
  // What clients connect to when they find SRV records ([MS-CONMGMT] section 3.1), or none.
  const reached = domains.flatMap((domain) => [targetIn(domain, fqdn), `sip.${domain}`]);
  const sip = listen
    .filter(({ transport }) => transport === 'tls')
    .map(({ host, port }) => ({ host, port, serverName: fqdn, needed: [fqdn, ...domains], wanted: reached }));
  if (web === undefined) return sip;
  const discovered = web.autodiscover ? domains.flatMap((domain) => [`lyncdiscover.${domain}`, `lyncdiscoverinternal.${domain}`]) : [];
  return [...sip, { host: web.host, port: web.port, serverName: web.hosts[0] ?? fqdn, needed: web.hosts, wanted: discovered }];
}
