import { beforeEach, describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import type { TestServer, WebAnswer } from '@parley/sdk/testkit';
import { Directory } from '@parley/plugin-directory/api';
import { BASE, CERT_URL, CLIENT_ENTROPY, OUTSIDE, TICKET_URL, cut, tokenRequest } from './client.ts';
import type { TokenShape } from './client.ts';
import { askFor, outcome, serving, ticketOf } from './serving.ts';

let server: TestServer;
beforeEach(async () => {
  server = await serving();
});

const ask = (shape: TokenShape = {}, name = 'alice'): Promise<WebAnswer> => askFor(server, shape, name);
const get = (url: string): Promise<WebAnswer> => server.web().get(url);
const fault = ({ body }: WebAnswer): [string | undefined, string | undefined] => {
  const found = parseXml(body).root.find('Body', 'Fault');
  return [found?.child('faultcode')?.text, found?.find('detail', 'OCSDiagnosticsFault', 'Ms-Diagnostics-Fault', 'ErrorId')?.text];
};

describe('metadata', () => {
  test('MS-OCAUTHWS R1: the certificate service says without authentication which policy and address it has', async () => {
    const { status, headers, body } = await get(`${BASE}/CertProv/CertProvisioningService.svc/mex`);
    expect([status, headers['content-type']]).toEqual([200, 'text/xml; charset=utf-8']);
    const { root } = parseXml(body);
    expect(root.local).toBe('definitions');
    const port = root.child('service')?.child('port');
    expect([port?.attribute('name'), port?.child('address')?.attribute('location')]).toEqual([
      'CertProvisioningServiceWebTicketProof_SHA1',
      CERT_URL,
    ]);
  });

  test('MS-OCAUTHWS R2: the policy’s Id is the port’s name and _policy, and sends clients to the web ticket service', async () => {
    const { root } = parseXml((await get(`${BASE}/CertProv/CertProvisioningService.svc/mex`)).body);
    const policy = root.child('Policy');
    expect(policy?.attributes[0]).toMatchObject({ prefix: 'wsu', local: 'Id', value: 'CertProvisioningServiceWebTicketProof_SHA1_policy' });
    const issuer = policy?.find('ExactlyOne', 'All', 'EndorsingSupportingTokens', 'Policy', 'IssuedToken', 'Issuer', 'Address');
    expect(issuer?.text).toBe(TICKET_URL);
  });

  test('MS-OCAUTHWS R3: the web ticket service has a port for Windows authentication', async () => {
    const { root } = parseXml((await get(`${TICKET_URL}/mex`)).body);
    const port = root.child('service')?.child('port');
    expect([port?.attribute('name'), port?.child('address')?.attribute('location')]).toEqual([
      'WebTicketServiceWinNegotiate',
      `${TICKET_URL}/Auth`,
    ]);
  });

  test('clients outside get addresses that they can reach', async () => {
    const { body } = await get(`${OUTSIDE}/certprov/certprovisioningservice.svc/MEX`);
    expect(body).toContain(`${OUTSIDE}/WebTicket/WebTicketService.svc`);
    expect(body).not.toContain(BASE);
  });
});

describe('IssueToken', () => {
  test('MS-OCAUTHWS R4: is for users who authenticate', async () => {
    expect((await server.web().post(`${TICKET_URL}/Auth`, tokenRequest())).status).toBe(401);
  });

  test('MS-OCAUTHWS R5: gives a ticket to the owner of the claimed address', async () => {
    const { status, body } = await ask();
    expect(status).toBe(200);
    const response = parseXml(body).root.find('Body', 'RequestSecurityTokenResponseCollection', 'RequestSecurityTokenResponse');
    expect(response?.attribute('Context')).toBe('4d2a6f4e-0f0c-5d13-9c2b-6b8c8f2a1e55');
    const assertion = response?.find('RequestedSecurityToken', 'Assertion');
    expect(assertion?.find('AuthenticationStatement', 'Subject', 'NameIdentifier')?.text).toBe('sip:alice@example.com');
    expect(assertion?.find('Conditions', 'AudienceRestrictionCondition', 'Audience')?.text).toBe(CERT_URL);
    expect(assertion?.child('Conditions')?.attribute('NotOnOrAfter')).toBe('2024-01-01T08:00:00Z');
    expect(response?.find('RequestedProofToken', 'ComputedKey')?.text).toBe('http://docs.oasis-open.org/ws-sx/ws-trust/200512/CK/PSHA1');
    expect(response?.child('KeySize')?.text).toBe('256');
  });

  test('MS-OCAUTHWS R5: not to another user', async () => {
    const answer = await ask({}, 'bob');
    expect([answer.status, ...fault(answer)]).toEqual([500, 'wsse:FailedAuthentication', '61001']);
  });

  test('MS-OCAUTHWS R6: without a claim the ticket is for the user’s address', async () => {
    expect((await ask({ claim: null }, 'bob')).body).toContain('>sip:bob@example.com<');
  });

  test('MS-OCAUTHWS R7: what clients cut out of the text is what they need', async () => {
    const { body } = await ask();
    const ticket = cut(body);
    expect(ticket.lifetime).toBe('<wsu:Created>2024-01-01T00:00:00Z</wsu:Created><wsu:Expires>2024-01-01T08:00:00Z</wsu:Expires>');
    expect(body.slice(0, body.indexOf('<saml:Assertion'))).not.toMatch(/:Assertion|<Assertion/);
    expect(parseXml(ticket.assertion).root.local).toBe('Assertion'); // every prefix is declared inside
    expect(ticket.id).toMatch(/^SamlSecurityToken-[0-9a-f-]{36}$/);
    expect(ticket.serverEntropy).toHaveLength(32);
    expect(ticket.serverEntropy).not.toEqual(CLIENT_ENTROPY);
    expect(body.indexOf('AssertionID="')).toBeGreaterThan(0);
    expect(body.lastIndexOf('BinarySecret')).toBe(body.indexOf('BinarySecret', body.indexOf('BinarySecret') + 1));
  });

  test('MS-OCAUTHWS R8: the server’s half is new for each ticket', async () => {
    const [first, second] = [await ticketOf(server), await ticketOf(server)];
    expect(first.serverEntropy).not.toEqual(second.serverEntropy);
    expect(first.id).not.toBe(second.id);
  });

  test('the proof key is sealed: only servers of the pool can read it', async () => {
    const { assertion, key } = await ticketOf(server);
    expect(assertion).not.toContain(key.toString('base64'));
    expect(assertion).not.toContain(server.find(Directory).findByAor('alice@example.com')?.id);
  });

  test('a bearer ticket has no key, and a client without entropy gets the whole one', async () => {
    const bearer = (await ask({ keyType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer' })).body;
    expect(bearer).toContain('cm:bearer');
    expect(bearer).not.toContain('RequestedProofToken');
    const whole = parseXml((await ask({ entropy: null, keyType: null })).body).root;
    const secret = whole.find(
      'Body',
      'RequestSecurityTokenResponseCollection',
      'RequestSecurityTokenResponse',
      'RequestedProofToken',
      'BinarySecret',
    );
    expect(Buffer.from(secret?.text ?? '', 'base64')).toHaveLength(32);
  });

  test.each<[string, TokenShape, string]>([
    ['another type of token', { tokenType: 'urn:oasis:names:tc:SAML:2.0:assertion' }, 'wst:RequestFailed'],
    ['another type of key', { keyType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey' }, 'wst:BadRequest'],
    ['another type of request', { requestType: 'http://schemas.xmlsoap.org/ws/2005/02/trust/Cancel' }, 'wst:BadRequest'],
    ['no service', { appliesTo: null }, 'wst:InvalidRequest'],
    ['too little entropy', { entropy: 'AAAA' }, 'wst:InvalidRequest'],
    ['too much entropy', { entropy: 'A'.repeat(400) }, 'wst:InvalidRequest'],
    ['entropy that is no base64', { entropy: '!'.repeat(44) }, 'wst:InvalidRequest'],
    [
      'a service of somebody else',
      { appliesTo: 'https://evil.example.net/CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1' },
      'wst:InvalidScope',
    ],
    ['a service that is not there', { appliesTo: `${BASE}/nowhere` }, 'wst:InvalidScope'],
    ['a URL with a name in it', { appliesTo: CERT_URL.replace('://', '://uc.example.com@') }, 'wst:InvalidScope'],
    ['no URL', { appliesTo: 'hello' }, 'wst:InvalidScope'],
    ['a URL without end', { appliesTo: `${BASE}/${'x'.repeat(3000)}` }, 'wst:InvalidScope'],
  ])('MS-OCAUTHWS R18: refuses %s', async (_name, shape, code) => {
    const answer = await ask(shape);
    expect([answer.status, fault(answer)[0]]).toEqual([500, code]);
  });

  test('takes both spellings of the type of request, and the address by an external name', async () => {
    expect((await ask({ requestType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue' })).status).toBe(200);
    expect((await ask({ appliesTo: CERT_URL.replace(BASE, OUTSIDE).toLowerCase() })).status).toBe(200);
  });

  test.each([
    ['no XML', 'hello'],
    ['an XML bomb', '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'],
    ['depth without end', '<a>'.repeat(20_000)],
    ['a document without end', `<a>${' '.repeat(100_000)}</a>`],
  ])('refuses %s at once', async (_name, body) => {
    const { status } = await server.web('alice').post(`${TICKET_URL}/Auth`, body);
    expect([400, 413]).toContain(status);
  });

  test('issued and refused tickets are counted', async () => {
    await ask();
    await ask({}, 'bob');
    expect([outcome(server, 'issued'), outcome(server, 'refused')]).toEqual([1, 1]);
    expect(server.log.map(({ msg }) => msg)).toContain(
      'no web ticket: The SIP URI in the claim does not belong to the presented credentials',
    );
  });
});
