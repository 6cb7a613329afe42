import { beforeEach, describe, expect, test } from 'vitest';
import { SOAP_NAMESPACES as NS, parseXml } from '@parley/sdk';
import { BASE, CERT_URL, CSR, World, certRequest, signatureOf, timestampOf } from './support.ts';
import type { Answer, CertShape, CutTicket } from './support.ts';

let world: World;
let ticket: CutTicket;
beforeEach(async () => {
  world = await World.open();
  ticket = await world.ticket();
});

const HOUR_MS = 3_600_000;
const enrol = (shape: CertShape = {}, with_ = ticket): Promise<Answer> => world.post(CERT_URL, certRequest(with_, shape));
const code = ({ body }: Answer): string | undefined => parseXml(body).root.find('Body', 'Fault', 'faultcode')?.text;

describe('GetAndPublishCert', () => {
  test('MS-OCAUTHWS R9: with a ticket and its proof, gives a certificate', async () => {
    const { status, body } = await enrol();
    expect(status).toBe(200);
    const response = parseXml(body).root.find('Body', 'GetAndPublishCertResponse');
    const token = response?.find('RequestSecurityTokenResponse', 'RequestedSecurityToken', 'BinarySecurityToken');
    expect(Buffer.from(token?.text ?? '', 'base64').toString()).toBe('a certificate');
    expect([response?.attribute('Entity'), response?.attribute('DeviceId')]).toEqual([
      'alice@example.com',
      '{d1f0a6a2-3f0e-5a07-9f65-2f6f1b3c9d77}',
    ]);
    expect(response?.find('RequestSecurityTokenResponse', 'RequestID')?.text).toBe('0c4f7b32-1b5e');
    expect(parseXml(body).root.find('Header', 'RelatesTo')?.text).toBe('uuid:0c4f7b32');
  });

  test('MS-OCAUTHWS R12, R14: it is the certificate of the ticket’s user, for the device named', async () => {
    await enrol({ entity: 'sip:Alice@Example.com' });
    expect(world.issued).toEqual([
      { csr: CSR, user: { id: 'id-alice', aor: 'alice@example.com' }, deviceId: '{d1f0a6a2-3f0e-5a07-9f65-2f6f1b3c9d77}' },
    ]);
  });

  test('MS-OCAUTHWS R12: an Entity that is not the ticket’s user is refused', async () => {
    const answer = await enrol({ entity: 'bob@example.com' });
    expect([answer.status, code(answer)]).toEqual([500, 'wsse:FailedAuthentication']);
    expect(world.issued).toEqual([]);
  });

  test('MS-OCAUTHWS R12: a request with a bad signature of its own is the client’s fault', async () => {
    const answer = await enrol({ csr: Buffer.from('forged').toString('base64') });
    expect([answer.status, code(answer)]).toEqual([500, 'soap:Client']);
    expect(answer.body).toContain('The signature of the certificate request is wrong.');
  });

  test.each(['', '!!!', 'A'.repeat(13_000)])('a request that is no base64 is the client’s fault', async (csr) => {
    expect(code(await enrol({ csr }))).toBe('soap:Client');
  });
});

describe('the ticket', () => {
  const refused = async (answer: Promise<Answer>, expected = 'wsse:InvalidSecurityToken'): Promise<void> => {
    const got = await answer;
    expect([got.status, code(got)]).toEqual([500, expected]);
    expect(world.issued).toEqual([]);
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
      await refused(enrol({ assertion: ticket.assertion.replaceAll(from, to) }));
    }
    expect(world.service.outcomes.get('signature')).toBe(changes.length);
  });

  test('MS-OCAUTHWS R9: without its signature, or with one of another pool, it is refused', async () => {
    await refused(enrol({ assertion: ticket.assertion.replace(/<ds:Signature .*<\/ds:Signature>/, '') }));
    const other = await (await World.open({}, 'another pool')).ticket();
    await refused(enrol({}, other));
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
    for (const assertion of wrapped) await refused(enrol({ assertion, entity: 'bob@example.com' }));
  });

  test('MS-OCAUTHWS R9: for another service it is refused', async () => {
    world.service.offer('/GroupExpansion/service.svc');
    const other = await world.ticket('alice', { appliesTo: `${BASE}/GroupExpansion/service.svc` });
    await refused(enrol({}, other));
    expect(world.service.outcomes.get('audience')).toBe(1);
  });

  test('MS-OCAUTHWS R9: from the moment at which it ends it is refused', async () => {
    world.clock.advance(8 * HOUR_MS - 1);
    expect((await enrol()).status).toBe(200);
    world.issued.length = 0;
    world.clock.advance(1);
    await refused(enrol());
  });

  test('a ticket from a server whose clock is ahead is good within the skew', async () => {
    world.clock.advance(300_000);
    const ahead = await world.ticket();
    world.clock.advance(-300_000);
    expect((await enrol({}, ahead)).status).toBe(200);
    world.issued.length = 0;
    world.clock.advance(-1_000);
    await refused(enrol({}, ahead));
  });

  test('MS-OCAUTHWS R15: of a user who is disabled, removed, renamed or has a new password, it is refused', async () => {
    for (const change of [{ enabled: false }, { passwordChangedAt: 2 }, { aor: 'alicia@example.com' }]) {
      world.change('alice', change);
      await refused(enrol());
    }
    world.remove('alice');
    await refused(enrol());
    world.change('alice', {});
    expect((await enrol()).status).toBe(200);
  });

  test('any server of the pool takes it, after any restart', async () => {
    const second = await World.open();
    expect((await second.post(CERT_URL, certRequest(ticket))).status).toBe(200);
  });

  test('another spelling of the same XML is as good: white space in tags, order of declarations, prefixes declared outside', async () => {
    const spelled = ticket.assertion
      .replace('<saml:Conditions ', '<saml:Conditions\n   ')
      .replace('MajorVersion="1"', "MajorVersion='1'")
      .replace('></xenc:EncryptionMethod>', '/>');
    expect((await enrol({ assertion: spelled })).status).toBe(200);
    const outside = certRequest(ticket, { assertion: ticket.assertion.replace(` xmlns:saml="${NS.saml}"`, '') });
    expect((await world.post(CERT_URL, outside.replace('<soap:Envelope ', `<soap:Envelope xmlns:saml="${NS.saml}" `))).status).toBe(200);
  });

  test('a request without one is refused, and one with two as well', async () => {
    await refused(enrol({ assertion: '' }));
    expect((await enrol({ more: ticket.assertion })).status).toBe(400);
  });
});

describe('the proof', () => {
  const refused = async (shape: CertShape): Promise<void> => {
    const answer = await enrol(shape);
    expect([answer.status, code(answer)]).toEqual([500, 'wsse:FailedCheck']);
    expect(world.issued).toEqual([]);
  };

  test('MS-OCAUTHWS R9: a stolen ticket without its key is worth nothing', async () => {
    await refused({ key: Buffer.alloc(32) });
    await refused({ signature: '' });
    await refused({ key: (await world.ticket('bob', { claim: null })).key });
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
    expect((await enrol({ lifetime })).status).toBe(200);
    world.issued.length = 0;
    world.clock.advance(HOUR_MS);
    await refused({ lifetime });
    expect((await enrol()).status).toBe(200);
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
    const bearer = await world.ticket('alice', { keyType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer' });
    const answer = await enrol({ key: Buffer.alloc(32) }, bearer);
    expect(code(answer)).toBe('wsse:FailedCheck');
  });
});
