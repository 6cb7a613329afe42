import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { SOAP_NAMESPACES as NS, parseXml } from '@parley/sdk';
import { certificationRequest } from '@parley/sdk/testkit';
import type { TestServer, WebAnswer } from '@parley/sdk/testkit';
import { Directory, DirectoryAdmin } from '@parley/plugin-directory/api';
import { ClientCertificates } from '@parley/plugin-pki/api';
import { WebTickets } from '../src/api.ts';
import { BASE, CERT_URL, certRequest, signatureOf, timestampOf } from './client.ts';
import type { CertShape, CutTicket } from './client.ts';
import { NOW, enrol, outcome, samePool, serving, ticketOf } from './serving.ts';

const DEVICE = '{d1f0a6a2-3f0e-5a07-9f65-2f6f1b3c9d77}';
const HOUR_MS = 3_600_000;

let server: TestServer;
let ticket: CutTicket;
beforeEach(async () => {
  server = await serving();
  ticket = await ticketOf(server);
});

const ask = (shape: CertShape = {}, with_ = ticket): Promise<WebAnswer> => enrol(server, with_, shape);
const code = ({ body }: WebAnswer): string | undefined => parseXml(body).root.find('Body', 'Fault', 'faultcode')?.text;
/** How many certificates there are. */
const issued = (): number => server.figure('parley_client_certificates');

describe('GetAndPublishCert', () => {
  test('MS-OCAUTHWS R9: with a ticket and its proof, gives a certificate', async () => {
    const { status, body } = await ask();
    expect(status).toBe(200);
    const response = parseXml(body).root.find('Body', 'GetAndPublishCertResponse');
    const token = response?.find('RequestSecurityTokenResponse', 'RequestedSecurityToken', 'BinarySecurityToken');
    expect(new X509Certificate(Buffer.from(token?.text ?? '', 'base64')).subject).toBe('CN=alice@example.com');
    expect([response?.attribute('Entity'), response?.attribute('DeviceId')]).toEqual(['alice@example.com', DEVICE]);
    expect(response?.find('RequestSecurityTokenResponse', 'RequestID')?.text).toBe('0c4f7b32-1b5e');
    expect(parseXml(body).root.find('Header', 'RelatesTo')?.text).toBe('uuid:0c4f7b32');
  });

  test('MS-OCAUTHWS R12, R14: it is the certificate of the ticket’s user, for the device named', async () => {
    await ask({ entity: 'sip:Alice@Example.com' });
    const alice = server.find(Directory).findByAor('alice@example.com');
    expect(server.find(ClientCertificates).list(alice?.id ?? '')).toMatchObject([{ aor: 'alice@example.com', deviceId: DEVICE }]);
  });

  test('MS-OCAUTHWS R12: an Entity that is not the ticket’s user is refused', async () => {
    const answer = await ask({ entity: 'bob@example.com' });
    expect([answer.status, code(answer)]).toEqual([500, 'wsse:FailedAuthentication']);
    expect(issued()).toBe(0);
  });

  test('MS-OCAUTHWS R12: a request with a bad signature of its own is the client’s fault', async () => {
    const forged = certificationRequest();
    forged[forged.length - 1]! ^= 1;
    const answer = await ask({ csr: forged.toString('base64') });
    expect([answer.status, code(answer)]).toEqual([500, 'soap:Client']);
    expect(answer.body).toContain('The signature of the certificate request');
  });

  test.each(['', '!!!', 'A'.repeat(13_000)])('a request that is no base64 is the client’s fault', async (csr) => {
    expect(code(await ask({ csr }))).toBe('soap:Client');
  });
});

describe('the ticket', () => {
  const refused = async (answer: Promise<WebAnswer>, expected = 'wsse:InvalidSecurityToken'): Promise<void> => {
    const before = issued();
    const got = await answer;
    expect([got.status, code(got)]).toEqual([500, expected]);
    expect(issued()).toBeLessThanOrEqual(before);
  };

  test('MS-OCAUTHWS R9: changed in any part, it is refused', async () => {
    const changes: [string, string][] = [
      ['alice@example.com', 'bob@example.com'],
      ['2024-01-01T08:00:00Z', '2034-01-01T08:00:00Z'],
      ['CertProvisioningService.svc', 'OtherService.svc'],
      ['holder-of-key', 'bearer'],
      [ticket.id, `${ticket.id.slice(0, -1)}x`],
      ['<xenc:CipherValue>', '<xenc:CipherValue>AAAA'],
      ['<ds:SignatureValue>', '<ds:SignatureValue>AAAA'],
      ['<ds:DigestValue>', '<ds:DigestValue>AAAA'],
      ['hmac-sha256', 'hmac-sha1'],
    ];
    for (const [from, to] of changes) {
      expect(ticket.assertion).toContain(from);
      await refused(ask({ assertion: ticket.assertion.replaceAll(from, to) }));
    }
    expect(outcome(server, 'signature')).toBe(changes.length);
  });

  test('MS-OCAUTHWS R9: without its signature, or with one of another pool, it is refused', async () => {
    await refused(ask({ assertion: ticket.assertion.replace(/<ds:Signature .*<\/ds:Signature>/, '') }));
    const other = await ticketOf(await serving());
    await refused(ask({}, other));
  });

  test('MS-OCAUTHWS R9: what is signed cannot be wrapped into what is not', async () => {
    const evil = ticket.assertion.replaceAll('alice@example.com', 'bob@example.com').replace(/<ds:Signature .*<\/ds:Signature>/, '');
    const signature = /<ds:Signature .*<\/ds:Signature>/.exec(ticket.assertion)?.[0] ?? '';
    const inside = (part: string): string => evil.replace('</saml:Assertion>', `${part}</saml:Assertion>`);
    const renamed = evil.replaceAll(ticket.id, 'SamlSecurityToken-evil');
    const wrapped = [
      inside(signature),
      inside(signature + ticket.assertion),
      inside(`<saml:Advice>${ticket.assertion}</saml:Advice>${signature}`),
      renamed.replace(
        '</saml:Assertion>',
        `${signature}<saml:Advice>${ticket.assertion.replace(signature, '')}</saml:Advice></saml:Assertion>`,
      ),
      renamed.replace('</saml:Assertion>', `<saml:Advice>${ticket.assertion}</saml:Advice></saml:Assertion>`),
    ];
    for (const assertion of wrapped) await refused(ask({ assertion, entity: 'bob@example.com' }));
  });

  test('MS-OCAUTHWS R9: for another service it is refused', async () => {
    server.find(WebTickets).offer('/GroupExpansion/service.svc');
    const other = await ticketOf(server, 'alice', { appliesTo: `${BASE}/GroupExpansion/service.svc` });
    await refused(ask({}, other));
    expect(outcome(server, 'audience')).toBe(1);
  });

  test('MS-OCAUTHWS R9: from the moment at which it ends it is refused, and until then any restart leaves it good', async () => {
    await server.restart(8 * HOUR_MS - 1);
    expect((await ask()).status).toBe(200);
    await server.advance(1);
    await refused(ask());
  });

  test('any server of the pool takes it; from one whose clock is ahead it is good within the skew', async () => {
    const behind = async (ms: number): Promise<WebAnswer> => enrol(await samePool(server, NOW - ms), ticket);
    expect((await behind(300_000)).status).toBe(200);
    expect(code(await behind(301_000))).toBe('wsse:InvalidSecurityToken');
  });

  test('MS-OCAUTHWS R15: of a user who is disabled, has a new password, or is removed, it is refused', async () => {
    const admin = server.find(DirectoryAdmin);
    await admin.setEnabled('alice@example.com', false);
    await refused(ask());
    await admin.setEnabled('alice@example.com', true);
    expect((await ask()).status).toBe(200);
    await server.advance(1);
    await admin.setPassword('alice@example.com', 'Wonderland 7');
    await refused(ask());
    const ofBob = await ticketOf(server, 'bob', { claim: null });
    await admin.removeUser('bob@example.com');
    await refused(ask({ entity: 'bob@example.com' }, ofBob));
  });

  test('another spelling of the same XML is as good: white space in tags, order of declarations, prefixes declared outside', async () => {
    const spelled = ticket.assertion
      .replace('<saml:Conditions ', '<saml:Conditions\n   ')
      .replace('MajorVersion="1"', "MajorVersion='1'")
      .replace('></xenc:EncryptionMethod>', '/>');
    expect((await ask({ assertion: spelled })).status).toBe(200);
    const outside = certRequest(ticket, { assertion: ticket.assertion.replace(` xmlns:saml="${NS.saml}"`, '') });
    expect((await server.web().post(CERT_URL, outside.replace('<soap:Envelope ', `<soap:Envelope xmlns:saml="${NS.saml}" `))).status).toBe(
      200,
    );
  });

  test('a request without one is refused, and one with two as well', async () => {
    await refused(ask({ assertion: '' }));
    expect((await ask({ more: ticket.assertion })).status).toBe(400);
  });
});

describe('the proof', () => {
  const refused = async (shape: CertShape): Promise<void> => {
    const before = issued();
    const answer = await ask(shape);
    expect([answer.status, code(answer)]).toEqual([500, 'wsse:FailedCheck']);
    expect(issued()).toBeLessThanOrEqual(before);
  };

  test('MS-OCAUTHWS R9: a stolen ticket without its key is worth nothing', async () => {
    await refused({ key: Buffer.alloc(32) });
    await refused({ signature: '' });
    await refused({ key: (await ticketOf(server, 'bob', { claim: null })).key });
  });

  test('MS-OCAUTHWS R9: the signature must say that it is by the key of this ticket', async () => {
    await refused({ names: 'SamlSecurityToken-other' });
    await refused({ names: '' });
  });

  test('MS-OCAUTHWS R9: a changed timestamp is refused', async () => {
    const signature = signatureOf(timestampOf(ticket.lifetime), ticket.key, ticket.id);
    await refused({ signature, lifetime: ticket.lifetime.replace('T08', 'T09') });
  });

  test('MS-OCAUTHWS R9: a timestamp that has expired is refused, an old Created is not', async () => {
    const lifetime = ticket.lifetime.replace('T08:00:00Z', 'T01:00:00Z');
    expect((await ask({ lifetime })).status).toBe(200);
    await server.restart('1h');
    await refused({ lifetime });
    expect((await ask()).status).toBe(200);
  });

  test('a timestamp without an end, or in no time that is known, is refused', async () => {
    await refused({ lifetime: ticket.lifetime.replace(/<wsu:Expires>.*<\/wsu:Expires>/, '') });
    await refused({ lifetime: ticket.lifetime.replace('2024-01-01T08:00:00Z', 'tomorrow') });
  });

  test('a signature over something else than the timestamp is refused', async () => {
    const decoy = `<decoy xmlns:wsu="${NS.utility}" wsu:Id="decoy"></decoy>`;
    const signature = signatureOf(decoy, ticket.key, ticket.id).replace('#timestamp', '#decoy');
    await refused({ signature, more: decoy });
  });

  test('two elements of the same Id are refused', async () => {
    await refused({ more: `<decoy xmlns:wsu="${NS.utility}" wsu:Id="timestamp"/>` });
  });

  test('other algorithms are refused: none, public keys, other canonicalisations', async () => {
    const signature = signatureOf(timestampOf(ticket.lifetime), ticket.key, ticket.id);
    await refused({ signature: signature.replace('#hmac-sha1', '#rsa-sha1') });
    await refused({
      signature: signature.replaceAll('http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
    });
    await refused({ signature: signature.replace(/<Reference.*<\/Reference>/, '') });
  });

  test('a bearer ticket is not enough where a proof is wanted', async () => {
    const bearer = await ticketOf(server, 'alice', { keyType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer' });
    const answer = await ask({ key: Buffer.alloc(32) }, bearer);
    expect(code(answer)).toBe('wsse:FailedCheck');
  });
});
