import { expect, test } from 'vitest';
import { codes, compiled, faults, manifest, request, response, run, runScript, valueOf, warnings } from './script-world.ts';

test('MSPL R14: Respond answers once and gives true', () => {
  const message = request('INVITE');
  const { did, outcome } = runScript('AddHeader("X", Respond(403, "Forbidden"));', message);
  expect({ did, handled: outcome.handled }).toEqual({ did: ['respond 403 Forbidden'], handled: 'responded' });
  expect(message.first('X')).toBe('true');
});

test('MSPL R15: a second Respond gives false, sends nothing, and is no error', () => {
  const { did, outcome, log } = runScript('Respond(403, "Forbidden"); Log("Event", false, Respond(200, "OK"));');
  expect(did).toEqual(['respond 403 Forbidden']);
  expect(log).toEqual(['Event short false']);
  expect(outcome.criticalErrors).toBe(0);
});

test('a provisional answer leaves the message to be handled', () => {
  const { did, outcome } = runScript('Respond(183, "Progress"); ProxyRequest("");');
  expect(did).toEqual(['respond 183 Progress', 'proxy']);
  expect(outcome).toMatchObject({ handled: 'proxied', criticalErrors: 0 });
});

test('MSPL R16: extras become headers, and the code may be text', () => {
  const moved = ['respond 302 Moved Contact: <sip:carol@example.com>'];
  expect(runScript('Respond(302, "Moved", "Contact=<sip:carol@example.com>");').did).toEqual(moved);
  expect(runScript('Respond("302", "Moved", "Contact=<sip:carol@example.com>");').did).toEqual(moved);
  expect(runScript('Respond("3o2", "Moved");').outcome.error?.code).toBe('MSPL_CONVERSION');
});

test('MSPL R17: an extra is split at its first "=" only', () => {
  const { did } = runScript('Respond(403, "No", "Reason=SIP;cause=403;text=\\"a=b\\"", "X-B=");');
  expect(did).toEqual(['respond 403 No Reason: SIP;cause=403;text="a=b" X-B: ']);
});

test.each(['No header', '=x', 'Bad name=x', 'Via=SIP/2.0/UDP x', 'to=<sip:a@b>', 'l=5'])(
  'MSPL R17: the extra %j is a critical error, and no response is sent',
  (extra) => {
    const { did, outcome, critical, log } = runScript(`Log("Event", false, Respond(403, "No", "X=1", ${JSON.stringify(extra)}));`);
    expect(did).toEqual([]);
    expect(outcome).toMatchObject({ criticalErrors: 1, handled: 'none', error: undefined });
    expect(critical[0]?.code).toBe('MSPL_EXTRA');
    expect(log).toEqual(['Event short false']);
  },
);

test('an extra without "=" that is written in the script is warned of when it is compiled', () => {
  expect(warnings(manifest('Respond(403, "No", "nonsense");'))).toEqual(['MSPL_EXTRA_LITERAL']);
});

test.each([0, 99, 700, -200])('the status %i is a critical error', (status) => {
  expect(runScript(`Respond(${status}, "No");`)).toMatchObject({ did: [], outcome: { criticalErrors: 1 } });
});

test('MSPL R19: the headers of the request are no headers of the answer', () => {
  expect(runScript('AddHeader("X-A", "1"); Respond(403, "No");').did).toEqual(['respond 403 No']);
});

test('MSPL R21: ProxyRequest takes a URI as it is, or "" to keep the one that is there', () => {
  expect(runScript('ProxyRequest("sip:bob@192.0.2.7:5061;transport=tls");').did).toEqual(['proxy sip:bob@192.0.2.7:5061;transport=tls']);
  expect(runScript('ProxyRequest("");').did).toEqual(['proxy']);
});

test.each(['bob', 'sip:', 'sip:bob@exa mple.com', 'sip:bob@example.com\\r\\nX: y', '<sip:bob@example.com>'])(
  'the URI %j never reaches the wire: the script ends',
  (uri) => {
    for (const call of [
      `ProxyRequest("${uri}")`,
      `RetargetRequest("${uri}")`,
      `sipRequest.RequestUri = "${uri}"`,
      `BeginFork(false, 0); Fork("${uri}")`,
    ]) {
      expect(runScript(`${call};`)).toMatchObject({ did: [], outcome: { handled: 'none', error: { code: 'MSPL_URI' } } });
    }
  },
);

test('MSPL R22: on a fixed route only "" can be proxied to', () => {
  const fixed = { fixedRoute: true };
  expect(runScript('ProxyRequest("sip:x@y");', undefined, fixed)).toMatchObject({
    did: [],
    outcome: { criticalErrors: 1, handled: 'none' },
  });
  expect(runScript('ProxyRequest("");', undefined, fixed)).toMatchObject({ did: ['proxy'], outcome: { criticalErrors: 0 } });
  expect(runScript('RetargetRequest("sip:x@y");', undefined, fixed)).toMatchObject({ did: [], outcome: { criticalErrors: 1 } });
  expect(runScript('BeginFork(false, 0); Fork("sip:x@y");', undefined, fixed)).toMatchObject({ did: [], outcome: { criticalErrors: 1 } });
});

test('MSPL R23: RetargetRequest hands the request to another user', () => {
  const { did, outcome } = runScript('RetargetRequest("sip:terry@example.com"); return;');
  expect({ did, handled: outcome.handled }).toEqual({ did: ['retarget sip:terry@example.com'], handled: 'proxied' });
});

test('MSPL R24: a fork set goes out at EndFork, all at once', () => {
  const { did, outcome } = runScript('BeginFork(false, 0); Fork("sip:a@192.0.2.1"); Fork("sip:b@192.0.2.2"); EndFork();');
  expect({ did, handled: outcome.handled }).toEqual({ did: ['fork sip:a@192.0.2.1 sip:b@192.0.2.2'], handled: 'proxied' });
});

test.each([
  ['Fork("sip:a@b"); ', 'MSPL_FORK_ORDER'],
  ['EndFork();', 'MSPL_FORK_ORDER'],
  ['BeginFork(false, 0); EndFork();', 'MSPL_FORK_EMPTY'],
  ['BeginFork(false, 0); BeginFork(false, 0);', 'MSPL_FORK_ORDER'],
])('MSPL R25: %s is a critical error, and the script goes on', (calls, code) => {
  const { did, critical, outcome } = runScript(`${calls} ProxyRequest("");`);
  expect(did).toEqual(['proxy']);
  expect(critical.map((fault) => fault.code)).toEqual([code]);
  expect(outcome).toMatchObject({ criticalErrors: 1, handled: 'proxied' });
});

test('MSPL R25: a fork set that is never sent is a critical error', () => {
  const { did, outcome, critical } = runScript('x = 1;\nBeginFork(false, 0); Fork("sip:a@b");');
  expect({ did, outcome }).toMatchObject({ did: [], outcome: { criticalErrors: 1, handled: 'none' } });
  expect(critical[0]).toMatchObject({ code: 'MSPL_FORK_ORDER', message: 'the fork set was never sent', line: 4, column: 1 });
});

test.each([
  'ProxyRequest("");',
  'RetargetRequest("sip:a@b");',
  'BeginFork(false, 0); Fork("sip:a@b"); EndFork();',
  'Respond(200, "OK");',
  'Dispatch("go");',
])('%s after ProxyRequest is a critical error, and the first stands', (second) => {
  const { did, critical, outcome } = runScript(`ProxyRequest(""); ${second}`);
  expect(did).toEqual(['proxy']);
  expect(outcome.handled).toBe('proxied');
  expect(new Set(critical.map((fault) => fault.code))).toEqual(new Set(['MSPL_ALREADY_HANDLED']));
});

test('ProxyRequest after Respond is a critical error', () => {
  expect(runScript('Respond(200, "OK"); ProxyRequest("");')).toMatchObject({
    did: ['respond 200 OK'],
    outcome: { criticalErrors: 1, handled: 'responded' },
  });
});

test.each(['Respond(200, "OK")', 'ProxyRequest("")', 'RetargetRequest("sip:a@b")', 'BeginFork(false, 0)', 'Fork("sip:a@b")', 'EndFork()'])(
  '%s on a response is a critical error, and the script goes on',
  (call) => {
    const { did, critical } = runScript(`${call}; ProxyResponse();`, response(200));
    expect(did).toEqual(['proxy response']);
    expect(critical.map((fault) => fault.code)).toEqual(['MSPL_WRONG_KIND']);
  },
);

test('ProxyResponse on a request is a critical error', () => {
  expect(runScript('ProxyResponse();')).toMatchObject({ did: [], outcome: { criticalErrors: 1, handled: 'none' } });
});

test('MSPL R48: Dispatch passes its extras in order, each as what it is', () => {
  const script =
    'x = Dispatch("onIt", "a", 2, 1.5, true, null, StandardMethod.Invite, GetHeaderValues("Max-Forwards")); AddHeader("X", x);';
  const message = request('INVITE');
  const { did, parameters, outcome } = runScript(script, message);
  expect(did).toEqual(['dispatch onIt']);
  expect(parameters).toEqual(['a', 2, 1.5, true, null, 'INVITE', '70']);
  expect([outcome.handled, message.first('X')]).toEqual(['dispatched', 'true']);
});

test('MSPL R48: under overload Dispatch gives false, and the script answers', () => {
  const { did } = runScript('if (!Dispatch("onIt")) { Respond(503, "Server Busy", "Retry-After=30"); }', undefined, { taken: false });
  expect(did).toEqual(['dispatch onIt', 'respond 503 Server Busy Retry-After: 30']);
});

test('MSPL R48: Dispatch does not compile in a script-only manifest, nor to a method that the handler lacks', () => {
  expect(codes('DispatchNotification("a");', '<lc:scriptOnly/>')).toEqual(['MSPL_DISPATCH_SCRIPT_ONLY']);
  const [fault] = faults(manifest('if (true) {\n  Dispatch("onRegster");\n}'), { handlerMethods: new Set(['onRegister', 'onExpire']) });
  expect(fault).toMatchObject({ code: 'MSPL_DISPATCH_UNKNOWN', line: 4, column: 12 });
  expect(fault?.fix).toBe('Its methods are onRegister, onExpire; did you mean onRegister.');
});

test('the methods that a script dispatches to are known, with their places', () => {
  const { dispatches } = compiled(manifest('Dispatch("a", 1);\nDispatchNotification("b");\nx = "c"; Dispatch(x);'));
  expect(dispatches.map(({ method, notification, place }) => [method, notification, place.line])).toEqual([
    ['a', false, 3],
    ['b', true, 4],
  ]);
});

test('extras are for requests: with a response Dispatch takes none', () => {
  expect(runScript('Dispatch("onIt", 1);', response(200))).toMatchObject({ did: [], outcome: { criticalErrors: 1 } });
  expect(runScript('Dispatch("onIt");', response(200))).toMatchObject({ did: ['dispatch onIt'], outcome: { handled: 'dispatched' } });
});

test('MSPL R49: after DispatchNotification the script goes on and proxies; after ProxyRequest it is a critical error', () => {
  expect(runScript('DispatchNotification("seen", sipRequest.Method); ProxyRequest("");')).toMatchObject({
    did: ['notify seen', 'proxy'],
    parameters: ['INVITE'],
    outcome: { criticalErrors: 0 },
  });
  expect(runScript('ProxyRequest(""); DispatchNotification("seen");')).toMatchObject({ did: ['proxy'], outcome: { criticalErrors: 1 } });
  expect(runScript('Dispatch("a"); DispatchNotification("seen");')).toMatchObject({ did: ['dispatch a'], outcome: { criticalErrors: 1 } });
  expect(runScript('Respond(200, "OK"); DispatchNotification("seen");')).toMatchObject({ did: ['respond 200 OK', 'notify seen'] });
});

test('MSPL R26: every registered endpoint comes up once, with its fields', () => {
  const script = `foreach (dbEndpoint in QueryEndpoints("bob@example.com", true)) {
    Log("Event", false, dbEndpoint.EPID, " ", dbEndpoint.Instance, " ", dbEndpoint.StandardMethods, " ", dbEndpoint.ExtraMethods, " ", dbEndpoint.ContactInfo); }`;
  expect(runScript(script).log).toEqual([
    'Event short e1 f81d4fae-7dec-11d0-a765-00a0c91e6bf6 336  sip:192.0.2.7:5061;transport=tls;ms-opaque=x',
    'Event short e2  256 FOO sip:192.0.2.8:5061;transport=tls;ms-opaque=y',
  ]);
});

test('MSPL R26: a whole fork over the endpoints', () => {
  const script =
    'BeginFork(false, 0); foreach (dbEndpoint in QueryEndpoints(GetUserAtHost(sipRequest.To))) { Fork(dbEndpoint.ContactInfo); } EndFork();';
  expect(runScript(script).did).toEqual(['fork sip:192.0.2.7:5061;transport=tls;ms-opaque=x sip:192.0.2.8:5061;transport=tls;ms-opaque=y']);
});

test('endpoints of Office Communications Server 2007 have fields that are neutral now', () => {
  const script = `foreach (dbEndpoint in QueryEndpoints("bob@example.com")) { Log("Event", false, dbEndpoint.HasPresence, dbEndpoint.Availability,
    dbEndpoint.Activity, dbEndpoint.AgeOfPresence, dbEndpoint.WeightedQValue, dbEndpoint.PresenceDoc, dbEndpoint.AllSupportForking, dbEndpoint.SupportsForking); break; }`;
  expect(runScript(script).log).toEqual(['Event short false0000truetrue']);
});

test('MSPL R27: QueryEndpoints anywhere but in foreach is an error', () => {
  expect(codes('x = QueryEndpoints("a@b");')).toEqual(['MSPL_QUERY_ENDPOINTS']);
  expect(codes('x = 1; foreach (e in Split(QueryEndpoints("a@b"), "")) { }')).toContain('MSPL_QUERY_ENDPOINTS');
  expect(codes('foreach (dbEndpoint in Split("a", "")) { }')).toEqual(['MSPL_LOOP_VARIABLE']);
});

test.each([
  ['SupportsMethod("INVITE", 0x40, "")', true],
  ['SupportsMethod("FOO", 0, "BAR,FOO")', true],
  ['SupportsMethod("FOO", 0x40, "BAR, FOO")', true],
  ['SupportsMethod("X", 0, "")', true],
  ['SupportsMethod("X", 0x40, "")', false],
  ['SupportsMethod("INVITE", 0, "BAR")', false],
  ['SupportsMethod("", 0x40, "")', false],
  ['SupportsMethod("A,B", 0, "")', false],
  ['SupportsMethod(StandardMethod.Invite, 0x40, "")', true],
])('MSPL R28: %s is %s', (expression, found) => {
  expect(valueOf(expression)).toBe(String(found));
});

test('MSPL R29: QueryHomeServer of an unknown user is null', () => {
  expect(valueOf('QueryHomeServer("nobody@example.com") == null')).toBe('true');
  expect(valueOf('QueryHomeServer("bob@example.com", false, ClusterType.PrimaryRegistrar)')).toBe('fe1.example.com');
});

test('QueryHomeServer asks for the cluster UserServices unless told otherwise', () => {
  const asked: unknown[] = [];
  const environment = { homeServer: (...args: unknown[]) => (asked.push(args), null) };
  runScript('x = QueryHomeServer("a@b"); y = QueryHomeServer("+1", true, ClusterType.BackupRegistrar);', undefined, { environment });
  expect(asked).toEqual([
    ['a@b', false, 'UserServices'],
    ['+1', true, 'BackupRegistrar'],
  ]);
});

test('users and domains are asked about', () => {
  expect(valueOf('CheckUserOption("bob@example.com", UserOption.UcEnabled)')).toBe('true');
  expect(valueOf('CheckUserOption("bob@example.com", UserOption.RccEnabled, false)')).toBe('false');
  expect(valueOf('DomainSupported("example.com")')).toBe('true');
  expect(valueOf('DomainSupported("other.example")')).toBe('false');
  expect(valueOf('DomainSupported("")')).toBe('true');
});

test('a script error leaves what was done before it standing', () => {
  const { did, outcome } = run(compiled(manifest('ProxyRequest(""); x = GetUri(null);')));
  expect({ did, handled: outcome.handled, error: outcome.error?.code }).toEqual({ did: ['proxy'], handled: 'proxied', error: 'MSPL_NULL' });
});

test('what fails inside the server ends the run, never the process', () => {
  const environment = {
    endpoints: () => {
      throw new TypeError('no such table');
    },
  };
  const { outcome } = runScript('foreach (dbEndpoint in QueryEndpoints("a@b")) { }', undefined, { environment });
  expect(outcome.error).toMatchObject({ code: 'MSPL_INTERNAL', message: 'the server failed inside a script: no such table' });
});
