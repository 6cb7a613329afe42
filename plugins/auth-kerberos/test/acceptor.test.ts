import { NEG_STATE, OID, writeNegTokenResp } from '@parley/sdk';
import { expect, test } from 'vitest';
import { derField, derOctets, derSequence } from '../../../sdk/src/kerberos/der-writer.ts';
import { writeFrame, writeOid } from '../../../sdk/src/kerberos/gss-token.ts';
import { kerberosService } from '@parley/sdk/testkit';
import type { KerberosAccepted } from '../src/api.ts';
import { TicketAcceptor } from '../src/acceptor.ts';
import { FQDN, World } from './support.ts';

const HTTP = kerberosService(`HTTP/${FQDN}`);

function spnego(mechanisms: readonly string[], token: Buffer | undefined): Buffer {
  const fields = [derField(0, derSequence(...mechanisms.map(writeOid))), ...(token === undefined ? [] : [derField(2, derOctets(token))])];
  return writeFrame(OID.spnego, derField(0, derSequence(...fields)));
}

test('a bare ticket needs no answer, unless the client wants to know the server', () => {
  const world = new World();
  const acceptor = new TicketAcceptor(world.verifier);
  expect(acceptor.accept(world.token({ service: HTTP }), 'HTTP')).toEqual({
    kind: 'accepted',
    user: world.directory.users[0],
    principal: 'alice@EXAMPLE.TEST',
    expiresAt: expect.any(Number) as number,
  });
  expect((acceptor.accept(world.token({ service: HTTP, wantsMutual: true }), 'HTTP') as KerberosAccepted).reply).toBeDefined();
});

test('inside SPNEGO it is answered with accept-completed, and the mechanism as the client named it', () => {
  const world = new World();
  const acceptor = new TicketAcceptor(world.verifier);
  const token = spnego([OID.kerberosOfWindows, OID.kerberos, OID.ntlm], world.token({ service: HTTP }));
  const accepted = acceptor.accept(token, 'HTTP') as KerberosAccepted;
  expect(accepted.user.id).toBe('alice');
  expect(accepted.reply).toEqual(writeNegTokenResp(NEG_STATE.acceptCompleted, OID.kerberosOfWindows, undefined));
});

test('a client that would rather speak NTLM, or sends no ticket along, is refused with the probable reason', () => {
  const world = new World();
  const acceptor = new TicketAcceptor(world.verifier);
  const ticket = world.token({ service: HTTP });
  for (const token of [spnego([OID.ntlm, OID.kerberos], ticket), spnego([OID.kerberos], undefined), spnego([], ticket)]) {
    expect(acceptor.accept(token, 'HTTP')).toMatchObject({
      kind: 'refused',
      cause: 'unsupported',
      detail: expect.stringMatching(/no ticket to show/) as string,
    });
  }
});

test('SPNEGO that cannot be read is malformed, and so is NTLM', () => {
  const acceptor = new TicketAcceptor(new World().verifier);
  for (const token of [writeFrame(OID.spnego, Buffer.from('a0', 'hex')), Buffer.from('NTLMSSP\0\x01\0\0\0'), Buffer.alloc(0)]) {
    expect(acceptor.accept(token, 'HTTP')).toMatchObject({ kind: 'refused', cause: 'malformed' });
  }
});
