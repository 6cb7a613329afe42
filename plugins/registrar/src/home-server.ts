/** Where a user is at home, as a client is told. [MS-SIPRE] section 4.5 */

const HAS_PORT = /:\d{1,5}$/;

/**
 * The Contact of a 301.
 * @param home `fe2.example.com` or `fe2.example.com:5061`
 * @param secure the client has come by TLS, and shall go on so
 */
export function homeServerContact(home: string, secure: boolean): string {
  const address = HAS_PORT.test(home) ? home : `${home}:${secure ? 5061 : 5060}`;
  return `<sip:${address};transport=${secure ? 'tls' : 'tcp'}>`;
}
