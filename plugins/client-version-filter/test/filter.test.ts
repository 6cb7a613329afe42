import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, SipResponse, compileApplication, parseMessage } from '@parley/sdk';
import type { FileSource, ScriptRun, SipRequest } from '@parley/sdk';
import plugin from '../src/plugin.ts';

const FILE = fileURLToPath(new URL('../client-version-filter.am', import.meta.url));
const TABLE = join(dirname(FILE), 'client-versions.csv');

/** What clients of the family call themselves, from captures and published logs. */
const AGENTS = {
  lcs2005: 'RTC/1.3.5315 (Messenger 5.1.0530)',
  ocs2007: 'UCCAPI/2.0.6362.67 OC/2.0.6362.67 (Microsoft Office Communicator)',
  ocs2007r2: 'UCCAPI/3.5.6907.37 OC/3.5.6907.37 (Microsoft Office Communicator 2007 R2)',
  lync2010: 'UCCAPI/4.0.7577.314 OC/4.0.7577.314 (Microsoft Lync 2010)',
  lync2013: 'UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)',
  skype2016: 'UCCAPI/15.0.4971.1000 OC/15.0.4971.1000 (Skype for Business)',
  sipe: 'Purple/2.14.12 Sipe/1.25.0 (linux-x86_64)',
} as const;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of a REGISTER: the script's answer, or the headers that it adds to the registrar's 200. */
interface Outcome {
  readonly answer: Answer | undefined;
  readonly added: Readonly<Record<string, string>>;
  readonly log: readonly string[];
  readonly faults: readonly unknown[];
}

function register(agent: string | undefined): SipRequest {
  const head = [
    'REGISTER sip:example.com SIP/2.0',
    'Via: SIP/2.0/TLS 192.0.2.50:50123',
    'From: <sip:alice@example.com>;tag=11112222;epid=a1b2c3d4e5f6',
    'To: <sip:alice@example.com>',
    'Call-ID: 0123g4567aTESTx',
    'CSeq: 3 REGISTER',
    'Max-Forwards: 70',
    ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
    'Content-Length: 0',
  ];
  const result = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
}

function signIn(agent: string | undefined, rules: readonly string[]): Outcome {
  const files: FileSource = {
    read: (path) => (path === TABLE ? rules.join('\n') : expect.fail(`reads ${path}`)),
    watch: () => () => undefined,
  };
  const compiled = compileApplication(readFileSync(FILE, 'utf8'), FILE, { files });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  const request = register(agent);
  const log: string[] = [];
  const faults: unknown[] = [];
  let answer: Answer | undefined;
  let stamp: string | undefined;
  const around = {
    original: request,
    environment: {
      fqdn: 'uc.example.com',
      log: (_channel: string, _run: unknown, _detail: boolean, text: string) => log.push(text),
      scriptError: (_application: unknown, fault: unknown) => faults.push(fault),
      criticalError: (_application: unknown, fault: unknown) => faults.push(fault),
    },
    stamps: {
      read: () => (stamp === undefined ? undefined : { stamp, pool: 'uc.example.com' }),
      add: (_appUri: string, value: string) => (stamp = value),
    },
  };
  compiled.application.run({
    ...around,
    request,
    actions: {
      respond(status: number, _reason: string, headers: readonly (readonly [string, string])[]) {
        answer = { status, headers: Object.fromEntries(headers) };
        return true;
      },
    },
  } as unknown as ScriptRun);
  const response = SipResponse.reply(request, 200);
  const before = response.headers.length;
  if (answer === undefined) compiled.application.run({ ...around, response, actions: {} } as unknown as ScriptRun);
  const added = response.headers.slice(before).map(({ name, value }) => [name, value] as const);
  return { answer, added: Object.fromEntries(added), log, faults };
}

const URL_OF_UPDATE = 'https://intranet.example.com/lync';

test('the table that comes with the plugin lets every client in', () => {
  const rules = readFileSync(TABLE, 'utf8').split('\n');
  for (const agent of [...Object.values(AGENTS), undefined]) {
    expect(signIn(agent, rules)).toEqual({ answer: undefined, added: {}, log: [], faults: [] });
  }
});

test('MS-SIPREGE R16, 3.4.2.5.3: Block answers 403 with Warning 310 and ErrorId 17002', () => {
  const { answer, log, faults } = signIn(AGENTS.ocs2007, ['OC,LSS,3.5,Block,']);
  expect(answer).toEqual({
    status: 403,
    headers: {
      Warning: '310 lcs.microsoft.com "You are currently not using the recommended version of the client"',
      'ms-diagnostics': '17002;reason="Invalid client version";source="uc.example.com"',
      'ms-diagnostics-public': '17002;reason="Invalid client version"',
    },
  });
  expect(log).toEqual([`refused alice@example.com by line 1 of client-versions.csv: ${AGENTS.ocs2007}`]);
  expect(faults).toEqual([]);
});

test('BlockWithUrl answers 403 with the page of the update and ErrorId 17003', () => {
  const { answer } = signIn(AGENTS.ocs2007, [`OC,LSS,3.5,BlockWithUrl,${URL_OF_UPDATE}`]);
  expect(answer?.status).toBe(403);
  expect(answer?.headers).toMatchObject({
    Warning: `313 lcs.microsoft.com "${URL_OF_UPDATE}"`,
    'ms-diagnostics': '17003;reason="Client version declined with URL";source="uc.example.com"',
  });
});

test('MS-SIPREGE 3.4.2.5.8: a URL with a folder is one that the client updates itself from, Warning 312', () => {
  const { answer } = signIn(AGENTS.ocs2007, ['OC,LSS,3.5,BlockWithUrl,https://uc.example.com/update.aspx?folder=OCv3.1']);
  expect(answer?.headers['Warning']).toBe('312 lcs.microsoft.com "https://uc.example.com/update.aspx?folder=OCv3.1"');
});

test('MS-SIPREGE 3.4.2.5.6: BlockAndUpgrade answers 403 with Warning 314', () => {
  const { answer } = signIn(AGENTS.ocs2007, ['OC,LSS,3.5,BlockAndUpgrade,']);
  expect([answer?.status, answer?.headers['Warning']]).toEqual([
    403,
    '314 lcs.microsoft.com "Check Microsoft Update for the newest version."',
  ]);
});

test('MS-SIPREGE R16, 3.4.2.5.5: AllowWithUrl lets in, and the 200 carries Warning 313 and ErrorId 17004', () => {
  expect(signIn(AGENTS.ocs2007r2, [`OC,LSS,4.0,AllowWithUrl,${URL_OF_UPDATE}`])).toEqual({
    answer: undefined,
    added: {
      Warning: `313 lcs.microsoft.com "${URL_OF_UPDATE}"`,
      'ms-diagnostics': '17004;reason="Client version allowed with URL";source="uc.example.com"',
    },
    log: [],
    faults: [],
  });
});

test('MS-SIPREGE 3.4.2.5.7: AllowAndUpgrade lets in with Warning 314', () => {
  expect(signIn(AGENTS.ocs2007r2, ['OC,LSS,4.0,AllowAndUpgrade,']).added['Warning']).toMatch(/^314 lcs.microsoft.com "/);
});

test('Redirect sends the client to another server', () => {
  const { answer } = signIn(AGENTS.ocs2007, ['OC,LSS,3.5,Redirect,sip:old.example.com:5061;transport=tls']);
  expect(answer).toEqual({ status: 301, headers: { Contact: '<sip:old.example.com:5061;transport=tls>' } });
});

test.each([
  ['LSS', '4.0', ['lcs2005', 'ocs2007', 'ocs2007r2']],
  ['LSS', '4.0.7577.314', ['ocs2007', 'ocs2007r2']],
  ['LEQ', '4.0.7577.314', ['ocs2007', 'ocs2007r2', 'lync2010']],
  ['EQL', '4', ['lync2010']],
  ['EQL', '15.0', ['lync2013', 'skype2016']],
  ['NEQ', '15', ['ocs2007', 'ocs2007r2', 'lync2010']],
  ['GTR', '15.0.4569.1503', ['skype2016']],
  ['GEQ', '15.0.4569.1503', ['lync2013', 'skype2016']],
  ['GTR', '15', []],
  ['', '', ['ocs2007', 'ocs2007r2', 'lync2010', 'lync2013', 'skype2016']],
] as const)('%s %s: versions are compared by number, part by part, as far as the rule goes', (compare, version, blocked) => {
  for (const [name, agent] of Object.entries(AGENTS)) {
    const { answer, faults } = signIn(agent, [`OC,${compare},${version},Block,`]);
    const isCommunicator = agent.includes(' OC/');
    expect([name, answer?.status], version).toEqual([
      name,
      isCommunicator && (blocked as readonly string[]).includes(name) ? 403 : undefined,
    ]);
    expect(faults).toEqual([]);
  }
});

test('the product is a whole word of the User-Agent, in any case', () => {
  expect(signIn(AGENTS.lync2010, ['c,,,Block,']).answer).toBeUndefined();
  expect(signIn(AGENTS.lync2010, ['uccapi,,,Block,']).answer?.status).toBe(403);
  expect(signIn(AGENTS.sipe, ['Sipe,LSS,1.25,Block,', 'Sipe,GEQ,1.25,Allow,', '*,,,Block,']).answer).toBeUndefined();
});

test('the first rule that fits decides, and * fits everybody, a client without User-Agent too', () => {
  const rules = ['OC,GEQ,4.0,Allow,', 'RTC,,,Allow,', `*,,,BlockWithUrl,${URL_OF_UPDATE}`];
  expect(signIn(AGENTS.lync2010, rules).answer).toBeUndefined();
  expect(signIn(AGENTS.lcs2005, rules).answer).toBeUndefined();
  expect(signIn(AGENTS.ocs2007r2, rules).answer?.status).toBe(403);
  expect(signIn(undefined, rules).answer?.status).toBe(403);
});

test('what is no number counts as 0, and is no error', () => {
  for (const agent of ['OC/x.y', 'OC/', 'OC/..', 'OC/99999999999999999999.1', `OC/${'1.'.repeat(500)}`, 'OC/-1', 'a/b/c']) {
    expect(signIn(agent, ['OC,LSS,4.0,Block,']).faults).toEqual([]);
  }
  expect(signIn('OC/x.y', ['OC,LSS,4.0,Block,']).answer?.status).toBe(403);
});

test('an action that does not exist lets in, and is logged with its line', () => {
  const { answer, log } = signIn(AGENTS.lync2010, ['# rules', 'OC,,,Deny,']);
  expect(answer).toBeUndefined();
  expect(log).toEqual(['line 2 of client-versions.csv has the unknown action Deny: the client is let in']);
});

test('200 rules are within what a script may do for one message', () => {
  const rules = Array.from({ length: 200 }, (_, i) => `OC,EQL,4.0.${i}.${i},Block,`);
  expect(signIn(AGENTS.lync2010, [...rules, 'OC,EQL,4.0.7577.314,Block,'])).toMatchObject({ answer: { status: 403 }, faults: [] });
});

test('the plugin has nothing to configure but its table', () => {
  expect(() => plugin.config.parse({ rules: [] })).toThrow(/rules/);
});
