import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openLog, redactText } from '../../src/host/index.ts';
import { KeptLog, folder } from './fixtures.ts';

/** Never to be seen in a log. Long enough to be no accident. */
const SECRET = 'hunter2hunter2hunter2hunter2';

const SIP = [
  'REGISTER sip:example.com SIP/2.0',
  `Authorization: Digest username="alice", realm="example.com",`,
  ` response="${SECRET}", nonce="${SECRET}"`,
  `Proxy-Authorization: NTLM qop="auth", gssapi-data="${SECRET}"`,
  'Call-ID: kept-call-id',
  `Cookie: session=${SECRET}`,
  'Content-Type: application/sdp',
  '',
  'v=0',
  `k=clear:${SECRET}`,
  `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${SECRET}|2^20|1:32`,
  `a=ice-pwd:${SECRET}`,
  'a=kept-attribute',
  '',
].join('\r\n');

test.each<[string, object]>([
  ['a password', { password: SECRET }],
  ['a password further down', { user: { credentials: { aor: 'alice@example.com' }, login: { password: SECRET } } }],
  ['a password that is no text', { password: { old: SECRET }, user: { passphrase: [SECRET] } }],
  ['a password deeper than anyone looks', { a: { b: { c: { d: { e: { newPassword: SECRET } } } } } }],
  ['a secret of another name', { clientSecret: SECRET, nested: [{ nonce_secret: SECRET }] }],
  ['a header object', { headers: { Authorization: `Digest response="${SECRET}"`, 'Proxy-Authorization': SECRET, Cookie: SECRET } }],
  ['a header object in lower case', { req: { headers: { authorization: SECRET, 'proxy-authorization': SECRET, cookie: SECRET } } }],
  ['a whole SIP message', { sip: SIP }],
  ['an address with a password', { url: `postgres://parley:${SECRET}@db:5432/parley` }],
  ['a SIP URI with a password', { uri: `sip:alice:${SECRET}@example.com` }],
  ['a connection string', { text: `host=db password=${SECRET} user=parley` }],
  ['a quoted connection string', { text: `host=db password="${SECRET} \\" x" user=parley` }],
  ['a bearer token', { text: `Bearer ${SECRET}` }],
  ['an error that quotes a password', { err: new Error(`cannot log in with password=${SECRET}`) }],
  ['an error with a field', { err: Object.assign(new Error('refused'), { config: { password: SECRET } }) }],
  ['a private key', { pem: `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----\n` }],
])('%s is never written', (_, fields) => {
  const kept = new KeptLog();
  kept.logger.log.info({ ...fields, callId: 'abc', user: 'alice@example.com', plugin: 'registrar' }, 'something happened');
  kept.logger.log.error(fields, `said in words: ${JSON.stringify(fields)}`);
  expect(kept.text).toContain('[redacted]');
  expect(kept.text).not.toContain(SECRET);
  expect(kept.lines[0]).toMatchObject({
    level: 'info',
    callId: 'abc',
    user: 'alice@example.com',
    plugin: 'registrar',
    msg: 'something happened',
  });
});

test('what is no secret stays in a SIP message', () => {
  const kept = new KeptLog();
  kept.logger.log.info({ sip: SIP }, 'message');
  expect(kept.lines[0]?.['sip']).toMatch(/^REGISTER sip:example\.com SIP\/2\.0\r\nAuthorization: \[redacted\]\r\nProxy-Authorization/);
  expect(kept.lines[0]?.['sip']).toContain('Call-ID: kept-call-id\r\n');
  expect(kept.lines[0]?.['sip']).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[redacted]\r\n');
  expect(kept.lines[0]?.['sip']).toContain('\r\na=kept-attribute\r\n');
});

test.each(['a-', 'sip:a:', 'a.', '"password":{', 'password=', '"', 'Authorization:', '-----BEGIN PRIVATE KEY-----', '\\n', '\r\n '])(
  'a text of a hundred thousand %j is searched like any other',
  (part) => {
    expect(redactText(part.repeat(100_000))).toBeTypeOf('string');
  },
);

test('ordinary lines are left as they are', () => {
  const kept = new KeptLog();
  const fields = {
    uri: 'sip:alice@example.com:5061;transport=tls',
    from: '"Basic Bob" <sip:bob@example.com>',
    key: 'value',
    reason: 'wrong password',
  };
  kept.logger.log.warn(fields, 'authorization failed: TLS 1.2 with sip:example.com:5060, To <sip:x@example.com>');
  expect(kept.lines[0]).toMatchObject({
    ...fields,
    msg: 'authorization failed: TLS 1.2 with sip:example.com:5060, To <sip:x@example.com>',
  });
});

test('a line is an event with its time, its level and its fields', () => {
  const kept = new KeptLog();
  kept.logger.log.child({ plugin: 'registrar' }).warn({ user: 'alice@example.com' }, 'too many contacts');
  expect(kept.lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      plugin: 'registrar',
      user: 'alice@example.com',
      msg: 'too many contacts',
    },
  ]);
});

test('lines below the level are not written', () => {
  let text = '';
  const output = new Writable({ write: (chunk: Buffer, _, done) => ((text += chunk.toString()), done()) });
  const { log } = openLog({ level: 'warn', output });
  log.info('unimportant');
  log.warn('important');
  expect(text.trim().split('\n')).toHaveLength(1);
});

test('for people a line is in words, and still without secrets', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const output = new Writable({ write: (chunk: Buffer, _, done) => (resolve(chunk.toString()), done()) });
  openLog({ level: 'info', pretty: true, output }).log.info({ plugin: 'registrar', password: SECRET }, 'bound');
  const text = await promise;
  expect(text).toMatch(/INFO.*bound.*registrar/s);
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain('"level"');
});

test('a log file is its owner’s alone and is opened anew after it was moved away', () => {
  const file = join(folder(), 'log', 'parley.log');
  const logger = openLog({ level: 'info', file });
  logger.log.info('first');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  renameSync(file, `${file}.1`);
  logger.reopen();
  logger.log.info('second');
  logger.flush();
  expect(readFileSync(`${file}.1`, 'utf8')).toContain('first');
  expect(readFileSync(file, 'utf8')).toMatch(/second/);
});
