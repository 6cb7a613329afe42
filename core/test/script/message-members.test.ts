import { expect, test } from 'vitest';
import { logEntry } from '../../src/script/index.ts';
import type { ScriptRun, ScriptTrace } from '../../src/script/index.ts';
import { compiled, manifest, request, response, run, runScript, valueOf } from './script-world.ts';

test('MSPL R50: assigning Content replaces the body, and Content-Length counts the bytes of UTF-8', () => {
  const message = request('MESSAGE', ['Content-Type: text/plain'], 'hello');
  runScript('sipMessage.Content = Concatenate(sipMessage.Content, " w\\u00f6rld");', message);
  expect(message.body.toString('utf8')).toBe('hello w\u00f6rld');
  expect([message.first('Content-Length'), message.first('Content-Type')]).toEqual(['12', 'text/plain']);
});

test('MSPL R50: a script sees the body that it has changed', () => {
  const message = request('MESSAGE', [], 'one');
  runScript('a = sipMessage.Content; sipMessage.Content = "two"; AddHeader("X", Concatenate(a, sipMessage.Content));', message);
  expect(message.first('X')).toBe('onetwo');
});

test('MSPL R51: assigning RequestUri tells the chain, which marks the request as routed', () => {
  const message = request('INVITE');
  const { did, outcome } = runScript('sipRequest.RequestUri = "sip:carol@example.com"; AddHeader("X", sipRequest.RequestUri);', message);
  expect(did).toEqual(['uri sip:carol@example.com']);
  expect(outcome.handled).toBe('none');
  expect(message.first('X')).toBe('sip:carol@example.com');
});

test('RequestUri of the request that began the transaction is past', () => {
  const { outcome, did } = runScript('sipResponse.Transaction.Request.RequestUri = "sip:a@b";', response(200));
  expect({ did, code: outcome.error?.code }).toEqual({ did: [], code: 'MSPL_NOT_ORIGINAL' });
});

test('a response tells its status, and the request that it answers', () => {
  const d = response(486, 'Busy Here');
  const script = `x = Concatenate(sipResponse.StatusCode, sipResponse.StatusReasonPhrase, sipResponse.StatusClass, " ",
    sipResponse.StatusClass == StatusClass._4xx, sipResponse.Transaction.Request.Method); AddHeader("X", x);`;
  runScript(script, d);
  expect(d.first('X')).toBe('486Busy Here4xx trueINVITE');
});

test('what the server knows of a message besides its text', () => {
  const flow = { sourceFlow: { tlsPeer: 'edge.example.net' }, identity: { aor: 'alice@example.com' } };
  expect(valueOf('sipMessage.Authenticated')).toBe('false');
  expect(valueOf('sipMessage.Authenticated', undefined, flow)).toBe('true');
  expect(valueOf('sipMessage.TlsPeer')).toBe('');
  expect(valueOf('sipMessage.TlsPeer', undefined, flow)).toBe('edge.example.net');
  expect(valueOf('sipMessage.Origin')).toBe('NetworkUnknown');
  expect(valueOf('sipMessage.Origin == MessageOrigin.LocalMachine', undefined, { sourceFlow: undefined })).toBe('true');
  expect(valueOf('sipRequest.Transaction.MarshalContent')).toBe('true');
  expect(valueOf('Concatenate(sipMessage.From, "|", sipMessage.To)')).toBe(
    '"Alice" <sip:alice@example.com>;tag=1;epid=aa|<sip:bob@example.com>',
  );
});

test('MSPL R57: what an edge says of the sender', () => {
  const source = {
    aor: '',
    isPhone: false,
    instance: null,
    origin: 'NetworkExternal',
    externalType: 'AutoFed',
    externalNetwork: 'Federation',
  } as const;
  const script = 'sipMessage.Origin == MessageOrigin.NetworkExternal && sipMessage.ExternalSourceType == ExternalSourceType.AutoFed';
  expect(valueOf(script, undefined, { source })).toBe('true');
  expect(valueOf('sipMessage.ExternalSourceNetwork', undefined, { source })).toBe('Federation');
  expect(valueOf('sipMessage.ExternalSourceType')).toBe('Unknown');
});

test('MSPL R56: the target and the source', () => {
  const target = {
    uri: 'sip:+14255550100@example.com;user=phone',
    aor: '+14255550100@example.com',
    instance: null,
    isPhone: true,
    domainSupported: true,
  };
  const script =
    'Concatenate(RequestTarget.IsPhone, RequestTarget.DomainSupported, RequestTarget.Instance, RequestTarget.Aor, RequestTarget.Uri)';
  expect(valueOf(script, undefined, { target })).toBe('truetrue+14255550100@example.comsip:+14255550100@example.com;user=phone');
  expect(valueOf('Concatenate(RequestSource.Aor, RequestSource.IsPhone, RequestSource.Instance == null)')).toBe(
    'alice@example.comfalsetrue',
  );
});

test('the target is worked out when it is asked for, once', () => {
  let asked = 0;
  const message = request('INVITE');
  const lazy = {
    request: message,
    original: message,
    environment: {},
    get target() {
      asked++;
      return { uri: 'sip:b@c', aor: 'b@c', instance: null, isPhone: false, domainSupported: true };
    },
  } as unknown as ScriptRun;
  compiled(manifest('x = 1;')).run(lazy);
  expect(asked).toBe(0);
  compiled(manifest('x = RequestTarget.Aor; y = RequestTarget.IsPhone;')).run(lazy);
  expect(asked).toBe(1);
});

test('a stamp is read and set through the server, under the appUri of the script', () => {
  const set: string[] = [];
  const stamps = {
    read: (appUri: string) => (appUri === 'http://example.com/apps/Test' ? { stamp: 'seen', pool: 'pool1' } : undefined),
    add: (appUri: string, stamp: string) => set.push(`${appUri} ${stamp}`) > 0,
  };
  expect(valueOf('Concatenate(sipMessage.Stamp, sipMessage.StampPool)', undefined, { stamps })).toBe('seenpool1');
  runScript('sipMessage.Stamp = "mine";', undefined, { stamps });
  expect(set).toEqual(['http://example.com/apps/Test mine']);
});

test('where the server carries no stamps, reading one gives null and setting one ends the script', () => {
  expect(valueOf('sipMessage.Stamp == null && sipMessage.StampPool == null')).toBe('true');
  expect(runScript('sipMessage.Stamp = "mine";').outcome.error?.code).toBe('MSPL_NO_STAMPS');
});

function scriptRun(message: ReturnType<typeof request>): ScriptRun {
  return { request: message, response: undefined, original: message } as unknown as ScriptRun;
}

test('MSPL R55: an event log entry says who, when, which message and what; or shows the message with its credentials masked', () => {
  const message = request('MESSAGE', ['Authorization: Digest username="alice", response="0123456789abcdef"'], 'hi');
  expect(logEntry('http://example.com/a', scriptRun(message), false, 'said', 0)).toBe(
    [
      'http://example.com/a 1970-01-01T00:00:00.000Z',
      'MESSAGE sip:bob@example.com',
      'From: "Alice" <sip:alice@example.com>;tag=1;epid=aa',
      'To: <sip:bob@example.com>',
      'said',
    ].join('\n'),
  );
  const whole = logEntry('http://example.com/a', scriptRun(message), true, 'said', 0);
  expect(whole).toContain('\nMESSAGE sip:bob@example.com SIP/2.0\n');
  expect(whole).toContain('\nAuthorization: Digest (masked)\n');
  expect(whole).toContain('\n\nhi\nsaid');
  expect(whole).not.toContain('0123456789abcdef');
});

/** Lines and values of a run, as a trace sees them. */
class Steps implements ScriptTrace {
  readonly steps: string[] = [];

  statement(place: { line: number; column: number }): void {
    this.steps.push(`${place.line}:${place.column}`);
  }

  value(_place: unknown, value: unknown): void {
    this.steps.push(`= ${String(value)}`);
  }
}

test('a trace sees every statement and value, and a run without one runs other code', () => {
  const application = compiled(
    manifest('x = 1;\nif (sipRequest) {\n  x = x + 1;\n}\nforeach (v in Split("a,b", "")) { Log("Event", false, v); }'),
  );
  const traced = new Steps();
  const message = request('INVITE');
  const scripted = { ...({} as ScriptRun), request: message, original: message, environment: { log: () => {} } } as unknown as ScriptRun;
  const outcome = application.run(scripted, traced);
  expect(outcome.error).toBeUndefined();
  expect(traced.steps.map((step) => (step.includes('SIP/2.0') ? '= request' : step))).toEqual([
    '3:24',
    '= 1',
    '4:1',
    '= request',
    '5:3',
    '= 2',
    '7:1',
    '= a,b',
    '7:35',
    '7:35',
  ]);
});

test('traced code does what plain code does', () => {
  const script = `n = 0; while (n < 3) { n = n + 1; if (n == 2) { continue; } switch (n) { case 1: break; default: Respond(200, Concatenate("n", n)); return; } }`;
  const application = compiled(manifest(script));
  const plain = run(application);
  let values = 0;
  const answered: string[] = [];
  const message = request('INVITE');
  const scripted = {
    request: message,
    original: message,
    actions: { respond: (_status: number, reason: string) => answered.push(reason) > 0 },
    environment: {},
  } as unknown as ScriptRun;
  const outcome = application.run(scripted, { statement: () => {}, value: () => values++ });
  expect(outcome.handled).toBe(plain.outcome.handled);
  expect([plain.did, answered]).toEqual([['respond 200 n3'], ['n3']]);
  expect(values).toBeGreaterThan(5);
});
