/** A whole server: directory, pki, registrar, routing and this plugin, with clients that sign in by their certificates. */
import directory from '@parley/plugin-directory';
import { Directory, DirectoryAdmin } from '@parley/plugin-directory/api';
import pki from '@parley/plugin-pki';
import { ClientCertificates } from '@parley/plugin-pki/api';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { DskClient, testServer } from '@parley/sdk/testkit';
import type { ClientCertificatePair, Endpoint, SignInOptions, TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import authTlsDsk from '../src/plugin.ts';

const STS = 'https://uc.example.com/CertProv/CertProvisioningService.svc';

function serving(): Promise<TestServer> {
  return testServer({
    plugins: [directory(), pki({ clientCertificateHours: 8 }), registrar(), routing(), authTlsDsk({ stsUri: STS })],
    users: ['alice', 'bob'],
    log: 'info',
  });
}

/** An endpoint of alice that signs in by TLS-DSK. */
function dsk(server: TestServer, name = 'alice', more: Partial<SignInOptions> = {}): Endpoint {
  return server.endpoint(name, { user: 'alice', signIn: { by: 'tls-dsk', ...more } });
}

/** An endpoint that answers no challenges. */
function stranger(server: TestServer): Endpoint {
  return server.endpoint('stranger', { user: 'alice', epid: 'a1b2c3d4e5f6', password: false });
}

/** Credentials with this token and nothing before it. */
function token(bytes: Buffer): { readonly headers: { readonly Authorization: string } } {
  const target = 'realm="SIP Communications Service", targetname="uc.example.com"';
  return { headers: { Authorization: `TLS-DSK qop="auth", ${target}, gssapi-data="${bytes.toString('base64')}", version=4` } };
}

const linesOf = (server: TestServer): unknown[] => server.log.map(({ msg }) => msg);
const tls = (server: TestServer): number => server.figure('parley_auth_tls_dsk_inner_tls');
const handshakes = (server: TestServer): number => server.figure('parley_auth_tls_dsk_handshakes');

test('MS-SIPAE R2, R3: a request without credentials is challenged with TLS-DSK, sts-uri and Date', async () => {
  await using server = await serving();
  const answer = await stranger(server).registering().expect(401);
  expect(answer.all('WWW-Authenticate')).toEqual([
    `TLS-DSK realm="SIP Communications Service", targetname="uc.example.com", version=4, sts-uri="${STS}"`,
  ]);
  expect(answer.all('Date')).toEqual([new Date(server.clock.now()).toUTCString()]);
});

test('MS-SIPAE R5, R22: a client signs in with the certificate that it was issued; the 200 and all that follows is signed', async () => {
  await using server = await serving();
  const alice = await dsk(server).register();
  const challenges = server.messages.filter(({ message }) => message?.has('WWW-Authenticate')).map(({ message }) => message);
  expect(challenges).toHaveLength(3);
  expect(challenges.at(-1)?.all('WWW-Authenticate')).toEqual([expect.stringMatching(/ opaque="[0-9A-F]{8}"/)]);
  await alice.message('bob', 'hello').expect(480);
  expect(server.figure('parley_auth_tls_dsk_messages_total{outcome="verified"}')).toBe(2);
  expect(server.figure('parley_auth_tls_dsk_associations')).toBe(1);
  expect(handshakes(server)).toBe(0);
});

test('MS-SIPAE R9, R11: a message with an altered field is challenged, one that came before is not answered', async () => {
  await using server = await serving();
  const alice = await dsk(server).register();
  await alice.message('bob', 'hello').expect(480);
  const said = server.messages.findLast(({ from, message }) => from === 'alice' && message?.isRequest)?.text ?? '';
  const again = said.replace('branch=z9hG4bK', 'branch=z9hG4bKagain');
  await alice.write(again);
  await alice.expectNothing();
  await alice.write(again.replace(/cnum="\d+"/, 'cnum="7"'));
  await alice.expect(401);
  await alice.message('bob', 'hello').expect(480);
});

test.each([
  ['the certificate of another user', 'alice', 'bob'],
  ['the own certificate for somebody else', 'bob', 'alice'],
])('%s gets 401 with ms-diagnostics, and the operator one line', async (_what, user, owner) => {
  await using server = await serving();
  const certificate = await server.certificate(owner, 'desk');
  const answer = await server
    .endpoint(user, { signIn: { by: 'tls-dsk', certificate } })
    .registering()
    .expect(401);
  expect(answer.first('WWW-Authenticate')).not.toContain('gssapi-data');
  expect(answer.first('ms-diagnostics')).toMatch(/^1000;reason="Final handshake failed";source="uc.example.com"/);
  expect(linesOf(server)).toContain(`sign-in failed: the certificate of ${owner}@example.com was presented for "${user}@example.com"`);
});

test('when a certificate is revoked, what is signed in with it is asked again, and what is signed in with another is not', async () => {
  await using server = await serving();
  const [desk, phone] = [await dsk(server, 'desk').register(), await dsk(server, 'phone').register()];
  await server.find(ClientCertificates).revoke(server.find(Directory).findByAor('alice@example.com')?.id ?? '', 'desk');
  await desk.message('bob', 'hello').expect(401);
  await phone.message('bob', 'hello').expect(480);
  await desk.registering().expect(401);
  await dsk(server, 'new', { device: 'desk' }).register();
});

test('a certificate that was replaced by a newer one of the device leaves who is signed in with it alone', async () => {
  await using server = await serving();
  const alice = await dsk(server, 'desk').register();
  await server.certificate('alice', 'desk');
  await alice.message('bob', 'hello').expect(480);
});

test.each([
  ['disabled', 'user.disabled', (admin: DirectoryAdmin) => admin.setEnabled('alice@example.com', false)],
  ['removed', 'user.removed', (admin: DirectoryAdmin) => admin.removeUser('alice@example.com')],
] as const)(
  'MS-OCAUTHWS R15: the associations of a user who is %s end, and the certificate is good no more',
  async (_what, subject, end) => {
    await using server = await serving();
    const alice = await dsk(server).register();
    await end(server.find(DirectoryAdmin));
    await server.settle();
    expect(server.figure('parley_auth_tls_dsk_associations')).toBe(0);
    await alice.registering().expect(401);
    expect(linesOf(server)).toContain(`clients have to sign in again: ${subject} alice@example.com`);
  },
);

test('MS-SIPAE R17: an association ends with its certificate, before the eight hours are over', async () => {
  await using server = await serving();
  const certificate: ClientCertificatePair = await server.certificate('alice', 'desk');
  await server.restart('7h');
  await dsk(server, 'early', { certificate }).register();
  await server.restart('3599s');
  const late = await dsk(server, 'late', { certificate }).register();
  await late.message('bob', 'hello').expect(480);
  await server.advance('1s');
  await late.message('bob', 'hello').expect(401);
  await late.registering().expect(401);
});

test('MS-SIPAE R6: a handshake left half-done is over after a minute, and its connection may begin anew', async () => {
  await using server = await serving();
  const hello = new DskClient(await server.certificate('alice', 'desk'));
  const client = stranger(server);
  await client.registering(token(await hello.hello())).expect(401);
  expect([handshakes(server), tls(server)]).toEqual([1, 1]);
  await server.advance('70s');
  expect([handshakes(server), tls(server)]).toEqual([0, 0]);
  await client.registering(token(await new DskClient({}).hello())).expect(401, { headers: { 'WWW-Authenticate': /gssapi-data/ } });
  hello.close();
});

test('a handshake whose connection closes is let go of', async () => {
  await using server = await serving();
  const hello = new DskClient({});
  const client = stranger(server);
  await client.registering(token(await hello.hello())).expect(401);
  expect(tls(server)).toBe(1);
  client.disconnect();
  hello.close();
  await server.settle();
  expect(tls(server)).toBe(0);
});

test('noise instead of TLS gets a new challenge', async () => {
  await using server = await serving();
  const answer = await stranger(server)
    .registering(token(Buffer.from('not TLS at all')))
    .expect(401);
  expect(answer.first('WWW-Authenticate')).toContain(`sts-uri="${STS}"`);
  expect(answer.first('WWW-Authenticate')).not.toContain('opaque');
});
