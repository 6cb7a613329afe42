/** What the benchmarks of routing scripts run on: the request, and manifests around a script. */

/** An INVITE as a client behind a TLS edge sends it. */
export const INVITE = Buffer.from(
  [
    'INVITE sip:bob@example.com SIP/2.0',
    'Via: SIP/2.0/TLS 192.0.2.50:50123;branch=z9hG4bK74bf9a3d1c7e',
    'Max-Forwards: 70',
    'From: "Alice Liddell" <sip:alice@example.com>;tag=9fxced76sl;epid=a1b2c3d4e5',
    'To: <sip:bob@example.com>',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    'CSeq: 21 INVITE',
    'User-Agent: Example Softphone/4.2.1 (linux-x86_64)',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n'),
);

/** A manifest with this script. @param elements what stands before it */
export function manifest(name, script, elements = '') {
  return `<m:applicationManifest m:appUri="http://example.com/${name}" xmlns:m="http://schemas.microsoft.com/lcs/2006/05">
    ${elements}<m:splScript><![CDATA[${script}]]></m:splScript></m:applicationManifest>`;
}

/** What scripts ask the server. @param endpoints of any user; a fault in a script ends the benchmark */
export function scriptEnvironment(endpoints = []) {
  return {
    fqdn: 'fe1.example.com',
    pool: 'pool.example.com',
    role: 'FrontEnd',
    domainSupported: () => true,
    endpoints: () => endpoints,
    homeServer: () => null,
    checkUserOption: () => false,
    log: () => undefined,
    scriptError: (_application, fault) => {
      throw new Error(fault.message);
    },
  };
}
