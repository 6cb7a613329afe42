import { expect, test } from 'vitest';
import { InviteUsage, glareWait } from '../../src/dialog/invite-usage.ts';

function usage(facts: Partial<InviteUsage> = {}): InviteUsage {
  return Object.assign(new InviteUsage(), facts);
}
const status = (verdict: ReturnType<InviteUsage['judge']>) => (verdict.ok ? 200 : verdict.status);

test('in a quiet session everything is accepted', () => {
  for (const method of ['INVITE', 'UPDATE', 'INFO', 'BYE', 'MESSAGE', 'PRACK']) expect(usage().judge(method, true).ok).toBe(true);
});
test.each([
  ['RFC 3261 14.2: our INVITE is under way', { invited: true }, 'INVITE', true, 491],
  ['RFC 3261 14.2: their INVITE before has no answer', { invitation: 'unanswered', theirOffer: true }, 'INVITE', true, 500],
  ['RFC 5407 3.1.4: the ACK to our answer is still to come', { invitation: 'unacknowledged' }, 'INVITE', true, 200],
  ['RFC 5407 3.1.4: the ACK is to bring the answer to our offer', { invitation: 'unacknowledged', ourOffer: true }, 'INVITE', true, 491],
  ['our UPDATE with an offer is under way', { updating: true, ourOffer: true }, 'INVITE', true, 491],
  ['our UPDATE without an offer is under way', { updating: true }, 'INVITE', true, 200],
  ['their UPDATE before has no answer', { updated: true }, 'INVITE', true, 500],
  ['RFC 3311 5.2: their UPDATE before has no answer', { updated: true }, 'UPDATE', false, 500],
  ['RFC 3311 5.2: our offer has no answer', { ourOffer: true, invited: true }, 'UPDATE', true, 491],
  ['RFC 3311 5.2: their offer has no answer', { theirOffer: true, invitation: 'unanswered' }, 'UPDATE', true, 500],
  ['RFC 3311 5.2: an UPDATE without an offer disturbs none', { theirOffer: true, invited: true, ourOffer: true }, 'UPDATE', false, 200],
  ['an early dialog whose offer was answered reliably', { invited: true }, 'UPDATE', true, 200],
  ['RFC 5407 3.3: the session has ended', { ended: true }, 'INVITE', false, 481],
  ['RFC 5407 3.3: the session has ended', { ended: true }, 'INFO', false, 481],
  ['RFC 5407 3.3: BYEs cross', { ended: true }, 'BYE', false, 200],
] as const)('%s: %o, %s (offer: %s) gets %i', (_, facts, method, offer, expected) => {
  expect(status(usage(facts).judge(method, offer))).toBe(expected);
});
test('what has to wait says for how long, at most ten seconds', () => {
  expect(usage({ invitation: 'unanswered' }).judge('INVITE', true)).toMatchObject({ status: 500, retryAfter: 10 });
});
test.each([
  ['RFC 3261 14.1: not before the dialog is confirmed', {}, 'INVITE', 'early'],
  ['RFC 3261 14.1: our INVITE is under way', { invited: true }, 'INVITE', 'confirmed'],
  ['RFC 3261 14.1: their INVITE is under way', { invitation: 'unanswered' }, 'INVITE', 'confirmed'],
  ['RFC 3261 14.1: the ACK is still to come', { invitation: 'unacknowledged' }, 'INVITE', 'confirmed'],
  ['an UPDATE is under way', { updating: true }, 'INVITE', 'confirmed'],
  ['an UPDATE of theirs is under way', { updated: true }, 'INVITE', 'confirmed'],
  ['an offer of theirs waits', { theirOffer: true }, 'INVITE', 'confirmed'],
  ['RFC 3311 5.1: our UPDATE is under way', { updating: true }, 'UPDATE', 'early'],
  ['RFC 3311 5.1: our offer waits', { ourOffer: true }, 'UPDATE', 'early'],
  ['RFC 3311 5.1: their offer waits', { theirOffer: true }, 'UPDATE', 'early'],
] as const)('%s: nothing is sent when %o and %s in %s', (_, facts, method, state) => {
  expect(usage(facts).objection(method, true, state)).toEqual(expect.any(String));
});
test('in a quiet session everything may be sent', () => {
  for (const method of ['INVITE', 'UPDATE', 'INFO', 'BYE']) expect(usage().objection(method, true, 'confirmed')).toBeUndefined();
  expect(usage({ ourOffer: true, invited: true }).objection('UPDATE', false, 'early')).toBeUndefined();
});
test('RFC 3261 14.1: after glare the one who made the Call-ID waits 2.1 to 4 s, the other up to 2 s, in steps of 10 ms', () => {
  expect([glareWait(true, 0), glareWait(true, 0.999), glareWait(false, 0), glareWait(false, 0.999)]).toEqual([2100, 3990, 0, 1990]);
  expect(glareWait(true, 0.12345) % 10).toBe(0);
});
