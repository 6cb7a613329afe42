/** The eighteen vectors of sheet mspl, section 8.1. */
import { expect, test } from 'vitest';
import { compileApplication } from '../../src/script/index.ts';
import { faults, manifest, request, response, run, runScript, compiled } from './script-world.ts';

const A = () => request('INVITE');
const B = () => request('MESSAGE');

test('MSPL V1: an INVITE gets 486, a MESSAGE passes', () => {
  const script = 'if (sipRequest.StandardMethod == StandardMethod.Invite) { Respond(486, "Busy"); }';
  expect(runScript(script, A()).did).toEqual(['respond 486 Busy']);
  expect(runScript(script, B())).toMatchObject({ did: [], outcome: { handled: 'none', error: undefined } });
});

test('MSPL V2: the endpoints of bob are counted, and a number becomes a header', () => {
  const message = A();
  runScript('n = 0; foreach (dbEndpoint in QueryEndpoints("bob@example.com")) { n = n + 1; } AddHeader("X-N", n);', message);
  expect(message.first('X-N')).toBe('2');
});

test('MSPL V3: the request goes to the one endpoint that supports its method', () => {
  const script = `best = ""; foreach (dbEndpoint in QueryEndpoints(GetUserAtHost(sipRequest.To))) {
    if (SupportsMethod(sipRequest.Method, dbEndpoint.StandardMethods, dbEndpoint.ExtraMethods)) { best = dbEndpoint.ContactInfo; break; } }
    if (best != "") { ProxyRequest(best); } else { Respond(480, "None"); }`;
  expect(runScript(script, A()).did).toEqual(['proxy sip:192.0.2.7:5061;transport=tls;ms-opaque=x']);
});

test('MSPL V4: an empty fork set is one critical error, and the script goes on', () => {
  const script = `BeginFork(false, 0); foreach (dbEndpoint in QueryEndpoints("nobody@example.com")) { Fork(dbEndpoint.ContactInfo); }
    EndFork(); ProxyRequest("");`;
  const { did, outcome, critical } = runScript(script, A());
  expect(did).toEqual(['proxy']);
  expect(outcome).toMatchObject({ criticalErrors: 1, handled: 'proxied', error: undefined });
  expect(critical.map((fault) => fault.code)).toEqual(['MSPL_FORK_EMPTY']);
});

test('MSPL V5: a parameter that is not there is null', () => {
  const message = A();
  runScript(
    'p = GetParameterValue(sipRequest.From, "epid"); q = GetParameterValue(sipRequest.From, "nope"); if (q == null) { AddHeader("X-E", p); }',
    message,
  );
  expect(message.first('X-E')).toBe('aa');
});

test('MSPL V6: null to EqualString ends the script; the message is left to proxyByDefault', () => {
  const message = A();
  const { outcome } = runScript('EqualString(GetParameterValue(sipRequest.To, "epid"), "x", true); AddHeader("X-After", "1");', message);
  expect(outcome).toMatchObject({ handled: 'none', criticalErrors: 0, error: { code: 'MSPL_NULL' } });
  expect(message.has('X-After')).toBe(false);
});

test('MSPL V7: a switch over the method', () => {
  const script =
    'switch (sipRequest.Method) { case "INVITE": AddHeader("X-M", "i"); break; case "MESSAGE": AddHeader("X-M", "m"); break; }';
  const [a, b] = [A(), B()];
  runScript(script, a);
  runScript(script, b);
  expect([a.first('X-M'), b.first('X-M')]).toEqual(['i', 'm']);
});

test('MSPL V8: a branch that runs on is an error at the next case', () => {
  const text = manifest('switch (1) { case 1: Log("Event", false, "x"); case 2: break; }');
  const [fault] = faults(text);
  expect(fault?.code).toBe('MSPL_FALL_THROUGH');
  expect(text.split('\n')[(fault?.line ?? 0) - 1]?.slice((fault?.column ?? 0) - 1)).toMatch(/^case 2:/);
});

test('MSPL V9: mutual recursion is an error', () => {
  const [fault] = faults(manifest('function f(a) { return g(a); } function g(a) { return f(a); } f(1);'));
  expect(fault).toMatchObject({ code: 'MSPL_RECURSION', message: 'function f calls itself: f -> g -> f' });
});

test('MSPL V10: the 501st iteration ends the script', () => {
  const { outcome } = runScript('i = 0; while (true) { i = i + 1; }', A());
  expect(outcome).toMatchObject({ handled: 'none', criticalErrors: 0, error: { code: 'MSPL_WHILE_LIMIT' } });
});

test('MSPL V11: a variable keeps its first type', () => {
  const message = A();
  runScript('x = 5; x = "7"; AddHeader("X-T", Concatenate("v", x + 1));', message);
  expect(message.first('X-T')).toBe('v8');
});

test('MSPL V12: ProxyRequest on a response is a critical error, and the response is left to proxyByDefault', () => {
  const { did, outcome } = runScript('if (sipResponse) { ProxyRequest(""); }', response(200));
  expect(did).toEqual([]);
  expect(outcome).toMatchObject({ handled: 'none', criticalErrors: 1, error: undefined });
});

test('MSPL V13: strictRoute left out is false, and all methods run the script', () => {
  const { strictRoute, methods } = compiled(manifest('')).manifest;
  expect({ strictRoute, methods }).toEqual({ strictRoute: false, methods: 'ALL' });
});

test('MSPL V14: one answer, whose extra is split at its first "="; the second returns false', () => {
  const message = B();
  const { did, outcome } = runScript(
    'a = Respond(200, "OK", "X-A=b=c"); b = Respond(500, "No"); AddHeader("X-R", Concatenate(a, b));',
    message,
  );
  expect(did).toEqual(['respond 200 OK X-A: b=c']);
  expect(message.first('X-R')).toBe('truefalse');
  expect(outcome.criticalErrors).toBe(0);
});

test('MSPL V15: To gains a parameter, From loses one', () => {
  const message = A();
  runScript('SetParameterValue("To", "epid", "e1"); SetParameterValue("From", "epid", "");', message);
  expect(message.first('To')).toBe('<sip:bob@example.com>;epid=e1');
  expect(message.first('From')).toBe('"Alice" <sip:alice@example.com>;tag=1');
});

test('MSPL V16: Dispatch in a script-only manifest is an error', () => {
  expect(faults(manifest('Dispatch("onIt", "a", 2);', '<lc:scriptOnly/>')).map((fault) => fault.code)).toEqual([
    'MSPL_DISPATCH_SCRIPT_ONLY',
  ]);
});

test('MSPL V17: the top Via is traced', () => {
  const message = request('INVITE', ['Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKb']);
  const { log } = runScript('foreach (h in GetHeaderValues("Via")) { Log("Debugr", 1, h); break; }', message);
  expect(log).toEqual(['Debugr whole SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKa']);
});

test('MSPL V18: another loop variable over QueryEndpoints is an error', () => {
  const [fault] = faults(manifest('foreach (e in QueryEndpoints("bob@example.com")) { }'));
  expect(fault).toMatchObject({ code: 'MSPL_LOOP_VARIABLE', fix: expect.stringContaining('dbEndpoint') as string });
});

test('the example of sheet mspl 3.2: deny, forward, or leave alone by a table', () => {
  const text = `<?xml version="1.0"?>
<lc:applicationManifest lc:appUri="http://example.com/apps/BlockBots" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
  <lc:allowRegistrationBeforeUserServices/>
  <lc:serverFilter roles="ALL"/>
  <lc:requestFilter methodNames="INVITE,MESSAGE" strictRoute="false" registrarGenerated="false"/>
  <lc:responseFilter reasonCodes="NONE"/>
  <lc:proxyByDefault action="true"/>
  <lc:file name="acl" path="acl.csv" keyColumnName="user" ignoreCase="true" delimitedBy="comma" static="false">
    <lc:column name="user"/><lc:column name="action"/><lc:column name="target"/>
  </lc:file>
  <lc:scriptOnly/>
  <lc:splScript><![CDATA[
    from = GetUserAtHost(sipRequest.From);
    verdict = acl[from].action;
    if (verdict == null) { return; }
    if (verdict == "deny") {
      Log("Event", false, "denied ", from);
      Respond(403, "Forbidden", "Reason=SIP;cause=403;text=\\"policy\\"");
    } else if (verdict == "forward") {
      RetargetRequest(Concatenate("sip:", acl[from].target));
      return;
    }
  ]]></lc:splScript>
</lc:applicationManifest>`;
  const table = 'mallory@example.com,deny,\nbob@example.com,forward,carol@example.com\n';
  const result = compileApplication(text, '/etc/parley/acl.am', { files: { read: () => table, watch: () => () => {} } });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  const from = (user: string) => {
    const message = A();
    message.set('From', `<sip:${user}@example.com>;tag=1`);
    return run(result.application, message);
  };
  expect(from('mallory')).toMatchObject({
    did: ['respond 403 Forbidden Reason: SIP;cause=403;text="policy"'],
    log: ['Event short denied mallory@example.com'],
  });
  expect(from('Bob').did).toEqual(['retarget sip:carol@example.com']);
  expect(from('alice')).toMatchObject({ did: [], outcome: { handled: 'none' } });
});
