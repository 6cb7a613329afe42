import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ParleyError, SipUri } from '@parley/sdk';
import { applyRegister } from '../src/apply-register.ts';
import type { AskedContact, HeldContact, RegisterPolicy, RegisterRequest } from '../src/apply-register.ts';

const POLICY: RegisterPolicy = { defaultExpires: 600, minExpires: 60, maxExpires: 1200, maxContacts: 3, whenFull: 'refuse' };
const INSTANCES = ['', '4b1682a8-f968-5701-83fc-7c6741dc6697', '2f7e7723-96e4-544e-8b98-cf482b8cefb8'];
const CONTACTS = ['sip:a@h1', 'sip:a@H1', 'sip:a@h2;transport=tcp', 'sip:a@h2;Transport=TCP', 'sip:a@h3', 'sip:a@h4', 'sip:h5'];

const sameUri = (a: string, b: string): boolean => SipUri.parse(a).equals(SipUri.parse(b));

interface Step {
  readonly pass: number;
  readonly request: RegisterRequest;
}

const contact = fc.record({
  contact: fc.constantFrom(...CONTACTS),
  expires: fc.option(fc.constantFrom(0, 1, 60, 300, 9999), { nil: undefined }),
  instance: fc.constantFrom(...INSTANCES),
  regId: fc.constantFrom(0, 0, 1, 2),
});

const step: fc.Arbitrary<Step> = fc.record({
  /** Milliseconds since the step before. */
  pass: fc.integer({ min: 0, max: 700_000 }),
  request: fc.record({
    aor: fc.constant('a@example.com'),
    callId: fc.constantFrom('x', 'y'),
    cseq: fc.integer({ min: 0, max: 30 }),
    expires: fc.option(fc.constantFrom(0, 60, 500), { nil: undefined }),
    epid: fc.constantFrom('', '', 'e1', 'E1', 'e2'),
    star: fc.boolean(),
    contacts: fc.array(contact, { maxLength: 5 }),
  }),
});

/** A REGISTER as the reader lets it through: * comes alone, and a reg-id with an instance and in a request of one contact. */
function tidy(request: RegisterRequest): RegisterRequest {
  const contacts = request.contacts.map((asked): AskedContact => (asked.instance === '' ? { ...asked, regId: 0 } : asked));
  const flows = contacts.filter((asked) => asked.regId > 0);
  return { ...request, contacts: flows.length > 0 ? flows.slice(0, 1) : contacts, star: request.star && contacts.length === 0 };
}

test.each(['refuse', 'replaceOldest'] as const)(
  'whatever is registered in whatever order, the rules of an address hold (%s)',
  (whenFull) => {
    const policy = { ...POLICY, whenFull };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = 1_000_000;
        let state: HeldContact[] = [];
        for (const { pass, request: wild } of steps) {
          now += pass;
          const request = tidy(wild);
          const before = JSON.stringify(state);
          const result = applyRegister(state, request, policy, now, sameUri);
          expect(JSON.stringify(state)).toBe(before);
          if (result instanceof ParleyError) continue;
          const next = state.slice();
          for (const change of result) {
            if (change.kind !== 'add') {
              const at = next.indexOf(change.held);
              expect(at, 'a change names a binding that is there, once').toBeGreaterThanOrEqual(0);
              next.splice(at, 1);
            }
            if (change.kind === 'remove') continue;
            if (change.kind === 'update') {
              expect(change.held.expiresAt, 'what has expired is not refreshed').toBeGreaterThan(now);
              if (change.held.callId === request.callId) expect(request.cseq).toBeGreaterThan(change.held.cseq);
            }
            const seconds = (change.expiresAt - now) / 1000;
            expect(seconds).toBeGreaterThanOrEqual(policy.minExpires);
            expect(seconds).toBeLessThanOrEqual(policy.maxExpires);
            const { asked } = change;
            const registeredAt = change.kind === 'update' ? change.held.registeredAt : now;
            next.push({
              ...asked,
              callId: request.callId,
              cseq: request.cseq,
              epid: request.epid,
              expiresAt: change.expiresAt,
              registeredAt,
              lost: false,
            });
          }
          state = next;
          expect(state.length, 'the quota holds').toBeLessThanOrEqual(policy.maxContacts);
          expect(
            state.every((binding) => binding.expiresAt > now),
            'nothing expired is left',
          ).toBe(true);
          for (const [i, a] of state.entries()) {
            for (const b of state.slice(i + 1)) {
              if (a.regId === 0 && b.regId === 0) expect(sameUri(a.contact, b.contact), 'a contact is bound once').toBe(false);
              else expect(a.regId === b.regId && a.instance === b.instance, 'a flow is bound once').toBe(false);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  },
);
