import { expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import type { Content, Identity, NotifierUser } from '@parley/sdk';
import { RegEvents } from '../src/reg-event.ts';
import { RegistrarRig, aRegister } from './fixtures.ts';

const ALICE: Identity = { aor: 'alice@example.com', mechanism: 'test' };

/** What a subscriber of alice's registrations is told, as `state: event contact, ...`. */
function watching(rig: RegistrarRig, identity: Identity | null = ALICE): { heard: string[]; passed: () => boolean; end: () => void } {
  const heard: string[] = [];
  let passed = false;
  let user: NotifierUser | undefined;
  const tell = (content: Content): void => {
    const { root } = parseXml(String(content.body));
    const registration = root.need('registration');
    const contacts = registration.all('contact').map((contact) => `${contact.attribute('event')} ${contact.need('uri').text}`);
    heard.push(`${root.attribute('version')} ${registration.attribute('state')}: ${contacts.join(', ')}`);
  };
  const dialogs = {
    notifier: (_tx: unknown, _options: unknown, subscriber: NotifierUser) => {
      user = subscriber;
      tell(subscriber.current());
      return { notify: tell, remaining: 3761 } as never;
    },
  };
  const events = new RegEvents(rig.bindings, dialogs, { requireAuthentication: true });
  rig.bindings.onEnded = (record, reason) => events.ended(record, reason);
  rig.onBound = (aor) => events.added(aor);
  const request = aRegister(['Event: reg']);
  request.uri = 'sip:alice@example.com';
  events.subscribe({ request, transaction: undefined, identity: identity ?? undefined, proxy: () => void (passed = true) });
  return { heard, passed: () => passed, end: () => user?.onEnded?.('unsubscribed') };
}

test('RFC 3680: a subscriber is told all registrations of the user, whenever one comes or goes, and why it goes', () => {
  const rig = new RegistrarRig();
  const { heard, end } = watching(rig);
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50>']));
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.51>'], { callId: 'b' }));
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50>;expires=0'], { cseq: 2 }));
  rig.bindings.removeAll('alice@example.com', 'disabled');
  end();
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.52>'], { callId: 'c' }));
  expect(heard).toEqual([
    '0 init: ',
    '1 active: registered sip:alice@192.0.2.50',
    '2 active: registered sip:alice@192.0.2.50, registered sip:alice@192.0.2.51',
    '3 active: registered sip:alice@192.0.2.51, unregistered sip:alice@192.0.2.50',
    '4 terminated: rejected sip:alice@192.0.2.51',
  ]);
});

test('RFC 3680: nobody is told where another user is, and an unknown sender nothing', () => {
  expect(() => watching(new RegistrarRig(), { aor: 'bob@example.com', mechanism: 'test' })).toThrow(
    /bob@example.com may not see where alice@example.com is registered/,
  );
  expect(() => watching(new RegistrarRig(), null)).toThrow(/nothing has authenticated/);
});
