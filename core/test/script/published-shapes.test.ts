/** Constructs that published manifests and scripts are made of, in words of our own. MSPL R60. */
import { expect, test } from 'vitest';
import { compileApplication } from '../../src/script/index.ts';

const NAMESPACE = 'http://schemas.microsoft.com/lcs/2006/05';

/** Codes of what is said about a manifest; files are there. */
function said(text: string, lenient = false): { ok: boolean; codes: string[] } {
  const files = {
    read: (path: string) => (path.endsWith('.txt') ? 'someone there else\n' : 'someone,there,else\n'),
    watch: () => () => undefined,
  };
  const result = compileApplication(text, 'shape.am', { lenient, files });
  return { ok: result.ok, codes: (result.ok ? result.warnings : result.diagnostics).map(({ code }) => code) };
}

function manifest(script: string, elements = ''): string {
  return `<?xml version="1.0"?>
<r:applicationManifest r:appUri="http://www.example.com/Shape" xmlns:r="${NAMESPACE}">${elements}<r:splScript><![CDATA[${script}]]></r:splScript></r:applicationManifest>`;
}

test.each([
  [
    'presence edited on its way to watchers',
    `Log("Event", true, "before: \\r\\n", sipMessage.Content);
     skip = true;
     foreach (kind in GetHeaderValues(StandardHeader.Event)) {
       skip = !EqualString(kind, "presence", true) && !EqualString(kind, "vnd-microsoft-roaming-self", true);
       break;
     }
     if (!skip && ContainsString(sipMessage.Content, "idle", true)) {
       text = "";
       foreach (piece in Split(sipMessage.Content, "<")) {
         if (piece != "") {
           if (!ContainsString(piece, "idle", true)) { text = Concatenate(text, Concatenate("<", piece)); }
           else {
             from = IndexOfString(piece, "idle=\\"");
             to = from + 6 + IndexOfString(SubString(piece, from + 6), "\\"");
             text = Concatenate(text, "<", SubString(piece, 0, from), SubString(piece, to + 1, LengthString(piece)-to-1));
           }
         }
       }
       sipMessage.Content = text;
     }
     if (sipRequest) { ProxyRequest(""); } else { ProxyResponse(); }`,
    `<r:allowRegistrationBeforeUserServices/><r:serverFilter roles="ALL"/>
     <r:requestFilter methodNames="NOTIFY,BENOTIFY,SUBSCRIBE" strictRoute="true" registrarGenerated="true" domainSupported="true"/>
     <r:responseFilter reasonCodes="2XX"/><r:scriptOnly/>`,
  ],
  [
    'an instant message forked to others, stepping aside for clients that fork themselves',
    `/* who asks */
     toUri = GetUri(sipRequest.To); fromUri = GetUri(sipRequest.From);
     agentForks = false;
     foreach (agent in GetHeaderValues("User-Agent")) { if (ContainsString(agent, "Lync", true)) { agentForks = true; } }
     if (sipRequest.StandardMethod == StandardMethod.Invite && !agentForks)
     {
       if (toUri == "sip:one@example.com" && fromUri != "sip:two@example.com")
       {
         BeginFork(false, 0);
         foreach (dbEndpoint in QueryEndpoints(GetUserAtHost(sipRequest.To), true)) { Log("Debugr", 1, dbEndpoint.ContactInfo); Fork(dbEndpoint.ContactInfo); }
         EndFork();
       }
     }
     ProxyRequest("");
     return;`,
    '<r:requestFilter methodNames="INVITE" strictRoute="false" registrarGenerated="false"/><r:responseFilter reasonCodes="NONE"/><r:proxyByDefault action="true" /><r:scriptOnly />',
  ],
  [
    'default routing by endpoints, and an answer when there are none',
    `if (sipRequest.Method == StandardMethod.Cancel) { return; }
     userName = GetUserName(sipRequest.To); userHost = GetHostName(sipRequest.To);
     if (userName == "" || userHost == "") { Respond("403", "Bad To"); return; }
     aor = Concatenate(userName, "@", userHost);
     id = GetParameterValue(sipRequest.To, "EPID");
     found = false; unsupported = 0;
     BeginFork(false, 0);
     foreach (dbEndpoint in QueryEndpoints(aor, false)) {
       if (id != null && id != "" && !EqualString(id, dbEndpoint.EPID, true)) { continue; }
       if (SupportsMethod(sipRequest.Method, dbEndpoint.StandardMethods, dbEndpoint.ExtraMethods)) { found = true; Fork(dbEndpoint.ContactInfo); }
       else { unsupported = unsupported + 1; }
     }
     if (found) { EndFork(); return; }
     if (unsupported > 0) { Respond(405, "Method not allowed"); } else { Respond(480, "Temporarily Unavailable", "Retry-After=5", "Expires=5"); }`,
    '<r:requestFilter methodNames="ALL"/><r:responseFilter reasonCodes="NONE"/><r:proxyByDefault action="false"/>',
  ],
  [
    'the best of several endpoints by what Office Communications Server knew of their presence',
    `if (!sipResponse) {
       Log( "Debugr", 1, "a request - ", sipRequest.Method );
       wanted = GetParameterValue( sipRequest.To, "EPID" );
       bestEpid = ""; bestAge = 0x7FFFFFFF; bestAvailability = 0; bestContact = "";
       foreach (dbEndpoint in QueryEndpoints( Concatenate( GetUserName( sipRequest.To ), "@", GetHostName( sipRequest.To ) ), true )) {
         if (wanted != null) { if (EqualString( wanted, dbEndpoint.EPID, true )) { bestContact = dbEndpoint.ContactInfo; break; } }
         if (!dbEndpoint.HasPresence || dbEndpoint.Availability < 100) { continue; }
         if (dbEndpoint.Availability > bestAvailability || (dbEndpoint.Availability == bestAvailability && dbEndpoint.AgeOfPresence < bestAge)) {
           bestEpid = dbEndpoint.EPID; bestAge = dbEndpoint.AgeOfPresence; bestAvailability = dbEndpoint.Availability; bestContact = dbEndpoint.ContactInfo;
         }
       }
       if (bestContact != "") { SetParameterValue( "To", "EPID", bestEpid ); ProxyRequest( bestContact ); }
     }
     if (!sipRequest) { ProxyResponse(); }`,
    '<r:requestFilter methodNames="INVITE,MESSAGE,INFO,REFER,ACK,BYE,OTHER" strictRoute="false" registrarGenerated="true" domainSupported="true"/><r:scriptOnly />',
  ],
  [
    'a table of targets, by host, by user and by row',
    `target = routes[GetHostName(sipRequest.RequestUri)].target;
     if (target == null) { target = routes[0].target; }
     switch (routes[GetUserAtHost(sipRequest.From)].action)
     {
       case "deny": Respond(403, "Denied"); break;
       case "log": { Log("Event", false, "seen ", target); break; }
       default: ProxyRequest("");
     }`,
    `<r:file name="routes" path="routes.txt" keyColumnName="key" ignoreCase="true" delimitedBy="whitespace"><r:column name="key"/><r:column name="action"/><r:column name="target"/></r:file>`,
  ],
  [
    'messages and responses for a managed application, and stamps against loops',
    `if (sipMessage.Stamp == "mine") { if (sipRequest) { ProxyRequest(""); } else { ProxyResponse(); } return; }
     sipMessage.Stamp = "mine";
     if (sipRequest) { if (!Dispatch("OnRequest", FQDN, sipMessage.Origin, true)) { Respond(503, "Busy"); } }
     if (sipResponse) { if (sipResponse.StatusClass == StatusClass._2xx && sipResponse.Transaction.Request.Method == "INVITE") { Dispatch("OnResponse"); } }`,
    '<r:requestFilter methodNames="ALL" strictRoute="true"/><r:responseFilter reasonCodes="ALL"/>',
  ],
  [
    'functions before the body, with and without braces and values',
    `function isOurs(value) return DomainSupported(GetHostName(value));
     function mark(name, value) { AddHeader(name, value); }
     if (isOurs(sipRequest.From) && RequestTarget.IsPhone == false || Role == ServerRole.AccessProxy) mark("X-From-Us", "1"); else mark("X-From-Us", 0);
     i = 0; while (i < 3) { i = i + 1; if (i == 2) continue; Log("Debug", 0, i); }`,
    '',
  ],
])('MSPL R60: %s', (_, script, elements) => {
  expect(said(manifest(script, elements))).toEqual({ ok: true, codes: [] });
});

test('MSPL R60: the default namespace, an unprefixed appUri, a comment and entities instead of CDATA', () => {
  const text = `<applicationManifest appUri="http://www.example.com/Shape" xmlns="${NAMESPACE}"><!-- says hello -->
    <requestFilter methodNames="INVITE, MESSAGE"/><splScript>if (1 &lt; 2 &amp;&amp; sipRequest) { Log("Event", false, "hello"); }</splScript></applicationManifest>`;
  expect(said(text)).toEqual({ ok: true, codes: [] });
});

const FAULTY: readonly (readonly [name: string, text: string, code: string])[] = [
  ['a space inside the tag end', manifest('', '<r:requestFilter methodNames="ALL" strictRoute="true"/ >'), 'MSPL_XML_TAG_END'],
  ['typographic quotes', manifest('', '<r:responseFilter reasonCodes=\u201cNONE\u201d/>'), 'MSPL_XML_QUOTES'],
  ['an XML declaration without its ?', manifest('').replace('"1.0"?>', '"1.0">'), 'MSPL_XML_DECLARATION'],
];

test.each(FAULTY)('MSPL R60: %s is refused with its place by the strict reading, and mended by the lenient one', (_, text, code) => {
  expect(said(text)).toEqual({ ok: false, codes: [code] });
  expect(said(text, true)).toEqual({ ok: true, codes: [code] });
});

test.each([
  ['an attribute without quotes', manifest('').replace(`"${NAMESPACE}"`, NAMESPACE)],
  ['an element that is not closed', manifest('', '<r:scriptOnly>')],
  ['two roots', `${manifest('')}<r/>`],
  ['an attribute that is there twice', manifest('', '<r:proxyByDefault action="true" action="false"/>')],
])('the lenient reading mends those three and nothing more: not %s', (_, text) => {
  expect(said(text, true)).toMatchObject({ ok: false });
});
