import { expect, test } from 'vitest';
import { EMPTY_LIST } from '../src/contact-list.ts';
import type { ContactList } from '../src/contact-list.ts';
import { aclDocument, changeDocument, listDocument } from '../src/document.ts';
import { ListDraft } from '../src/list-draft.ts';
import type { Changed } from '../src/list-draft.ts';

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };

function edited(list: ContactList, edit: (draft: ListDraft) => unknown): Changed {
  const draft = new ListDraft(list, LIMITS);
  edit(draft);
  return draft.done();
}

const LIST = edited({ ...EMPTY_LIST, deltaNum: 6 }, (draft) => {
  draft.addGroup('Team', '');
  draft.setContact({ uri: 'bob@example.com', groups: [1, 2] });
  draft.setContact({ uri: 'carol@example.com', name: 'Carol "C." & Co', subscribed: false, extension: '<contactSettings contactId="7"/>' });
}).list;

test('MS-SIPREGE R12, MS-PRES R31: the whole list has addresses without scheme, group 1 first, no namespace, and no blank behind the groups', () => {
  expect(listDocument(LIST)).toBe(
    '<contactList deltaNum="7"><group id="1" name="~" externalURI=""/><group id="2" name="Team" externalURI=""/>' +
      '<contact uri="bob@example.com" name="" groups="1 2" subscribed="true" externalURI=""/>' +
      '<contact uri="carol@example.com" name="Carol &quot;C.&quot; &amp; Co" groups="1" subscribed="false" externalURI="">' +
      '<contactExtension><contactSettings contactId="7"/></contactExtension></contact></contactList>',
  );
});

test.each([
  [(draft: ListDraft) => draft.addGroup('Friends', ''), '<addedGroup id="3" name="Friends" externalURI=""/>'],
  [(draft: ListDraft) => draft.modifyGroup(2, 'Team A', 'ldap:x'), '<modifiedGroup id="2" name="Team A" externalURI="ldap:x"/>'],
  [(draft: ListDraft) => draft.deleteGroup(9), '<deletedGroup id="9"/>'],
  [
    (draft: ListDraft) => draft.setContact({ uri: 'dave@example.com' }),
    '<addedContact uri="dave@example.com" name="" groups="1" subscribed="true" externalURI=""/>',
  ],
  [
    (draft: ListDraft) => draft.setContact({ uri: 'bob@example.com', groups: [2] }),
    '<modifiedContact uri="bob@example.com" name="" groups="2" subscribed="true" externalURI=""/>',
  ],
  [(draft: ListDraft) => draft.deleteContact('bob@example.com'), '<deletedContact uri="bob@example.com"/>'],
])('MS-PRES R27: a change is told with the number before and the number since (%#)', (edit, element) => {
  expect(changeDocument(edited(LIST, edit), false)).toBe(`<contactDelta deltaNum="8" prevDeltaNum="7">${element}</contactDelta>`);
});

test('MS-SIPREGE R13: addresses in changes have sip:, and numbers the tel: that they have', () => {
  const told = (uri: string): string =>
    changeDocument(
      edited(LIST, (draft) => draft.deleteContact(uri)),
      true,
    );
  expect(told('bob@example.com')).toContain('<deletedContact uri="sip:bob@example.com"/>');
  expect(told('tel:+14255550100')).toContain('<deletedContact uri="tel:+14255550100"/>');
});

test('what changes more than one thing is told as the whole list', () => {
  const changed = edited(LIST, (draft) => {
    draft.deleteContact('bob@example.com');
    draft.deleteContact('carol@example.com');
  });
  expect(changeDocument(changed, true)).toBe(listDocument(changed.list));
});

test('the access list has the entries in the form of [MS-SIP] 2.2.3', () => {
  const { list } = edited(EMPTY_LIST, (draft) => {
    draft.setAccess({ type: 'USER', mask: 'bob@example.com', rights: 'BD' });
    draft.setAccess({ type: 'DOMAIN', mask: 'example.org', rights: 'PA' });
    draft.setAccess({ type: 'ALL', mask: '', rights: 'AA' });
  });
  expect(aclDocument(list)).toBe(
    '<ACLlist deltaNum="2"><userACL><ace type="USER" mask="sip:bob@example.com" rights="BD"/>' +
      '<ace type="DOMAIN" mask="example.org" rights="PA"/><ace type="ALL" mask="" rights="AA"/></userACL></ACLlist>',
  );
  expect(aclDocument(EMPTY_LIST)).toBe('<ACLlist deltaNum="1"><userACL/></ACLlist>');
});
