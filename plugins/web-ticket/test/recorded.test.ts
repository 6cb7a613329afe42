/** What pidgin-sipe 1.25.0 sent when it signed in by TLS-DSK to this server, to the byte but for its Authorization. */
import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SoapService, readEnvelope } from '@parley/sdk';
import type { SoapAnswer } from '@parley/sdk';
import { testLog } from '@parley/sdk/testkit';
import type { PoolKeys, User } from '@parley/plugin-directory/api';
import type { ClientCertificateRequest } from '@parley/plugin-pki/api';
import { readAssertion } from '../src/assertion.ts';
import { Audiences } from '../src/audiences.ts';
import { getAndPublishCert } from '../src/cert-provisioning.ts';
import { TicketChecker } from '../src/ticket-checker.ts';
import { TicketMint } from '../src/ticket-mint.ts';
import { readTokenRequest } from '../src/token-request.ts';
import { BASE } from './client.ts';
import { serving } from './serving.ts';

/** Of the server of the recording, which is no more. */
const KEY_FILE = Buffer.from('540479fdfe4b0bcc17bbfd006a9f6d8d2eab89e91f5630d9f21cfd0be7850da7', 'hex');
const RECORDED_BASE = 'https://127.0.0.1:35225';
const RECORDED_AT = Date.parse('2026-11-22T12:06:10Z');
const DEVICE = '{b7878522-d7fe-5c33-b30d-265f6618ae78}';

interface Recorded {
  readonly path: string;
  readonly body: Buffer;
}

function recorded(name: string): Recorded {
  const bytes = readFileSync(new URL(`recorded/${name}.http`, import.meta.url));
  const end = bytes.indexOf('\r\n\r\n');
  return { path: bytes.toString('latin1').split(' ')[1] ?? '', body: bytes.subarray(end + 4) };
}

test.each(['1-certificate-metadata', '2-ticket-metadata'])('MS-OCAUTHWS R1, R3: %s is answered', async (name) => {
  const server = await serving();
  const { status, body } = await server.web().get(BASE + recorded(name).path);
  expect(status).toBe(200);
  expect(body).toContain('</wsdl:definitions>');
});

test('MS-OCAUTHWS R5: the request for a ticket is understood', () => {
  const request = readTokenRequest(readEnvelope(recorded('3-ticket').body).operation);
  expect(request).toMatchObject({
    appliesTo: `${RECORDED_BASE}/CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1`,
    claimedAor: 'alice@example.com',
    keyType: 'symmetric',
  });
  expect(request.entropy).toHaveLength(32);
});

describe('the request for a certificate', () => {
  const { body } = recorded('4-certificate');
  const issued: ClientCertificateRequest[] = [];
  beforeEach(() => void issued.splice(0));

  /** What the service answers when the user has this address by now. */
  function ask(bytes: Buffer, aor = 'alice@example.com'): Promise<SoapAnswer> {
    const keys: PoolKeys = { derive: (purpose) => Buffer.from(hkdfSync('sha256', KEY_FILE, '', `parley pool key: ${purpose}`, 32)) };
    const mint = new TicketMint(keys, 28_800_000);
    const audiences = new Audiences({ internalUrl: RECORDED_BASE, externalUrl: RECORDED_BASE });
    const directory = { findById: (id: string) => ({ ...alice(id, mint), aor }) };
    const checker = new TicketChecker({ mint, directory, audiences, clock: { now: () => RECORDED_AT + 1000 }, skewMs: 0 });
    const issue = async (request: ClientCertificateRequest): Promise<{ certificate: Buffer; chain: Buffer[]; notAfter: number }> => {
      issued.push(request);
      return { certificate: Buffer.from('a certificate'), chain: [], notAfter: RECORDED_AT + 3_600_000 };
    };
    const operation = getAndPublishCert({ checker, certificates: { issue }, log: testLog(), checked: () => undefined });
    return new SoapService({ operations: { GetAndPublishCert: operation }, failed: () => undefined }).answer(bytes, undefined);
  }

  /** The user as it was: the ticket says when its password was set. */
  function alice(id: string, mint: TicketMint): User {
    const own = mint.recognise(readEnvelope(body).header?.find('Security', 'Assertion') as never);
    const names = { displayName: '', logins: [], phones: [], groups: [] };
    const passwordChangedAt = own?.secrets.passwordChangedAt ?? null;
    return { id, aor: 'alice@example.com', ...names, enabled: true, homeServer: null, createdAt: 0, passwordChangedAt };
  }

  test('MS-OCAUTHWS R9, R12: ticket, proof and user are found good', async () => {
    expect((await ask(body)).status).toBe(200);
    expect(issued).toHaveLength(1);
    expect(issued[0]).toMatchObject({ user: { aor: 'alice@example.com' }, deviceId: DEVICE });
    expect(issued[0]?.csr.subarray(0, 2).toString('hex')).toBe('3082'); // DER of PKCS#10
  });

  test('MS-OCAUTHWS R9: with one character of the signed time changed it is refused', async () => {
    const changed = Buffer.from(body.toString().replace(/(<wsu:Expires>\d)\d/, '$19'));
    expect(changed.equals(body)).toBe(false);
    expect((await ask(changed)).body).toContain('wsse:FailedCheck');
  });

  test('MS-OCAUTHWS R15: of a user who has another address by now it is refused', async () => {
    expect((await ask(body, 'alicia@example.com')).body).toContain('wsse:InvalidSecurityToken');
    expect(issued).toEqual([]);
  });

  test('the ticket says what was asked for', () => {
    const assertion = readEnvelope(body).header?.find('Security', 'Assertion');
    expect(assertion === undefined ? undefined : readAssertion(assertion)).toMatchObject({
      aor: 'alice@example.com',
      notBefore: RECORDED_AT,
      notOnOrAfter: RECORDED_AT + 28_800_000,
      confirmation: 'holder-of-key',
    });
  });
});
