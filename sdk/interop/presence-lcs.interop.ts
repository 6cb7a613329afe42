/** Who may see whom, as clients of LCS 2005 say it. */
import { expect, test } from 'vitest';
import { StreamPeer, ask } from './peer.ts';
import { NOBODY, OPEN_PRESENCE } from './presence/plugins.ts';
import { ParleyServer } from './server.ts';
import { status, unique } from './wire.ts';

test('a client of LCS 2005 blocks a person by an access control entry: the person is refused, also after a kill, until let again', async () => {
  const server = await ParleyServer.start({ plugins: { ...OPEN_PRESENCE, contacts: NOBODY }, logLevel: 'warn' });
  try {
    const imported = await server.cli(
      ['user', 'import', '-'],
      ['uri,display', 'sip:alice@example.com,A', 'sip:bob@example.com,B'].join('\n'),
    );
    expect(imported.code, imported.output).toBe(0);
    const soap = async (who: string, to: string, operation: string): Promise<number> => {
      const peer = await StreamPeer.tcp(server.tcp);
      const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><s:Body>${operation}</s:Body></s:Envelope>`;
      const from = `<sip:${who}@${server.domain}>;tag=${unique()}`;
      const uri = `sip:${to}@${server.domain}`;
      const answer = await ask(peer, {
        method: 'SERVICE',
        uri,
        to: `<${uri}>`,
        from,
        headers: ['Content-Type: application/SOAP+xml'],
        body,
      });
      peer.close();
      return status(answer);
    };
    const looks = (): Promise<number> => soap('alice', 'bob', '<m:getPresence><presentity uri="sip:bob@example.com"/></m:getPresence>');
    const sets = (rights: string): Promise<number> =>
      soap('bob', 'bob', `<m:setACE><m:type>USER</m:type><m:mask>sip:alice@example.com</m:mask><m:rights>${rights}</m:rights></m:setACE>`);
    expect([await looks(), await sets('BD'), await looks()]).toEqual([200, 200, 403]);
    await server.kill();
    await server.launch();
    expect([await looks(), await sets('AA'), await looks()]).toEqual([403, 200, 200]);
  } finally {
    await server.stop();
  }
});
