import { NEG_STATE, OID, writeNegTokenResp } from '@parley/sdk';
import { kerberosService, spnegoToken } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import type { KerberosAccepted } from '../src/api.ts';
import { TicketAcceptor } from '../src/acceptor.ts';
import { FQDN, World, idOf } from './support.ts';

const HTTP = kerberosService(`HTTP/${FQDN}`);

test('a bare ticket needs no answer, unless the client wants to know the server', () => {
  const world = new World();
  const acceptor = new TicketAcceptor(world.verifier);
  expect(acceptor.accept(world.token({ service: HTTP }), 'HTTP')).toEqual({
    kind: 'accepted',
    user: expect.objectContaining({ aor: 'alice@example.test' }) as object,
    principal: 'alice@EXAMPLE.TEST',
    expiresAt: expect.any(Number) as number,
  });
  expect((acceptor.accept(world.token({ service: HTTP, wantsMutual: true }), 'HTTP') as KerberosAccepted).reply).toBeDefined();
});

test('inside SPNEGO it is answered with accept-completed, and the mechanism as the client named it', () => {
  const world = new World();
  const acceptor = new TicketAcceptor(world.verifier);
  const token = spnegoToken([OID.kerberosOfWindows, OID.kerberos, OID.ntlm], world.token({ service: HTTP }));
  const accepted = acceptor.accept(token, 'HTTP') as KerberosAccepted;
  expect(accepted.user.id).toBe(idOf('alice'));
  expect(accepted.reply).toEqual(writeNegTokenResp(NEG_STATE.acceptCompleted, OID.kerberosOfWindows, undefined));
});

test('a client that would rather speak NTLM, or sends no ticket along, is refused with the probable reason', () => {
  const world = new World();
  const acceptor = new TicketAcceptor(world.verifier);
  const ticket = world.token({ service: HTTP });
  for (const token of [spnegoToken([OID.ntlm, OID.kerberos], ticket), spnegoToken([OID.kerberos], undefined), spnegoToken([], ticket)]) {
    expect(acceptor.accept(token, 'HTTP')).toMatchObject({
      kind: 'refused',
      cause: 'unsupported',
      detail: expect.stringMatching(/no ticket to show/) as string,
    });
  }
});

test('SPNEGO that cannot be read is malformed, and so is NTLM', () => {
  const acceptor = new TicketAcceptor(new World().verifier);
  for (const token of [Buffer.from('600906062b0601050502a0', 'hex'), Buffer.from('NTLMSSP\0\x01\0\0\0'), Buffer.alloc(0)]) {
    expect(acceptor.accept(token, 'HTTP')).toMatchObject({ kind: 'refused', cause: 'malformed' });
  }
});
