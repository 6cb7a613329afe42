/** Unmodified clients of every mechanism stay signed in to one server, by keep-alives and by registering again and again, and sign out. */
import { expect, test } from 'vitest';
import { Kdc, kdcMissing } from './kerberos/kdc.ts';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { NO_CERTIFICATE_YET, expectCleanLog } from './ocs/clean-log.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { count } from './ocs/debug-log.ts';
import { PASSWORD, ParleyServer, eventually, freePort, pause } from './server.ts';

const absent = kdcMissing() ?? ocsClientAbsent();
if (absent !== undefined) console.warn(`The long stay is skipped: ${absent}`);

/** PARLEY_STAY_MINUTES=10 for the long run. */
const STAY_MS = Number(process.env['PARLEY_STAY_MINUTES'] ?? 2) * 60_000;
const DOMAIN = 'example.test';
const FQDN = `ocs.${DOMAIN}`;
const TICKET_PASSWORD = 'Ticket-1';
const STAYS = [
  ['ntlm', 'tcp', 'alice'],
  ['ntlm', 'tls', 'bob'],
  ['kerberos', 'tcp', 'carol'],
  ['kerberos', 'tls', 'dave'],
  ['tls-dsk', 'tcp', 'erin'],
  ['tls-dsk', 'tls', 'frank'],
] as const;

test.skipIf(absent !== undefined)(
  `clients of every mechanism stay for ${STAY_MS / 60_000} minutes and sign out, over TCP and over TLS`,
  { timeout: STAY_MS + 120_000 },
  async () => {
    const command = await buildOcsClient();
    const kdc = await Kdc.start();
    const clients: OcsClient[] = [];
    let server: ParleyServer | undefined;
    try {
      const keytab = await kdc.keytab('parley.keytab', [`sip/${FQDN}`, 'HTTP/localhost']);
      const port = await freePort();
      server = await ParleyServer.start({
        domains: [DOMAIN],
        fqdn: FQDN,
        plugins: {
          directory: {},
          pki: {},
          'auth-ntlm': {},
          'auth-kerberos': { keytab },
          'auth-tls-dsk': {},
          web: { host: '127.0.0.1', port, internalUrl: `https://localhost:${port}` },
          'web-ticket': {},
          registrar: { defaultExpires: 90, minExpires: 60, keepAliveSeconds: 30 },
          routing: {},
          provisioning: {},
          diagnostics: {},
        },
      });
      for (const [auth, , user] of STAYS) {
        await server.addUser(user);
        if (auth !== 'ntlm') await kdc.addUser(user, TICKET_PASSWORD);
      }
      const at = server;
      for (const [auth, transport, user] of STAYS) {
        const kerberos: Partial<OcsOptions> =
          auth !== 'ntlm' ? { login: `${user}@${kdc.realm}`, password: TICKET_PASSWORD, env: kdc.env } : { password: PASSWORD };
        const args = ['--max-runtime', String(STAY_MS / 1000 + 100)];
        clients.push(new OcsClient(command, { server: at, user, auth, transport, args, ...kerberos }));
      }
      await Promise.all(clients.map((one) => one.signedOn(30_000)));
      await pause(STAY_MS);
      for (const [i, one] of clients.entries()) {
        const [auth, transport] = STAYS[i] ?? [];
        const { log } = one;
        expect(
          one.events.filter(({ event }) => event === 'connection-error' || event === 'disconnected'),
          `${auth} ${transport}`,
        ).toEqual([]);
        expect(count(log, 'sent', /^REGISTER /)).toBeGreaterThan(1 + Math.floor(STAY_MS / 90_000));
        await expectCleanLog(one, NO_CERTIFICATE_YET);
      }
      await Promise.all(clients.map((one) => one.quit()));
      await eventually('nobody is registered', async () => JSON.parse((await at.cli(['registrations', '--json'])).output).length === 0);
      expect(at.log).not.toMatch(/"level":"(?:error|fatal)"/);
    } finally {
      await Promise.all(clients.map((one) => one.dispose()));
      await server?.stop();
      await kdc.stop();
    }
  },
);
