/** Presence of clients that know no categories. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import { aggregateState, availabilityClass, readState } from '../../src/aggregate/index.ts';
import type { PublishedState } from '../../src/aggregate/index.ts';
import { msrtcDocument, pidfDocument, readPidf, readPresentity, statesOfPidf } from '../../src/documents/index.ts';
import type { PlainPresence } from '../../src/documents/index.ts';
import { refusal } from './errors-of.ts';

const NOW = Date.UTC(2024, 0, 1);

/** What a user is whose only endpoint says this. */
function shown(presence: PlainPresence): { readonly availability: number; readonly token: string | undefined } {
  const { machine, doing } = statesOfPidf(presence);
  const states = [machine, doing].flatMap((content, at): PublishedState[] =>
    content === undefined ? [] : [{ ...readState(parseXml(content).root), instance: at + 2, publishTime: NOW }],
  );
  const { availability, token } = aggregateState({ states, now: NOW });
  return { availability, token };
}

const pidf = (tuple: string, rest = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"` +
  ` xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:bob@example.com"><tuple id="a">${tuple}</tuple>${rest}</presence>`;
const basic = (word: string): string => `<status><basic>${word}</basic></status>`;
const doing = (...activities: readonly string[]): string =>
  `<dm:person id="p"><rpid:activities>${activities.map((one) => `<rpid:${one}/>`).join('')}</rpid:activities></dm:person>`;

describe('PIDF of phones', () => {
  test.each<[string, string, number, string | undefined]>([
    ['open', pidf(basic('open')), 3500, undefined],
    ['closed', pidf(basic('closed')), 18_500, undefined],
    ['no status at all', pidf('<status/>'), 3500, undefined],
    ['busy', pidf(basic('open'), doing('busy')), 6500, undefined],
    ['on the phone', pidf(basic('open'), doing('on-the-phone')), 6500, 'on-the-phone'],
    ['on the phone and busy', pidf(basic('open'), doing('busy', 'on-the-phone')), 6500, 'on-the-phone'],
    ['in a meeting', pidf(basic('open'), doing('meeting')), 6500, 'in-a-meeting'],
    ['presenting', pidf(basic('open'), doing('presentation')), 9000, 'in-presentation'],
    ['do not disturb, as phones made it up', pidf(basic('open'), doing('dnd')), 9500, undefined],
    ['away', pidf(basic('open'), doing('away')), 15_500, undefined],
    ['on vacation', pidf(basic('open'), doing('vacation')), 15_500, undefined],
    ['idle', pidf(basic('open'), '<dm:person id="p"><rpid:user-input>idle</rpid:user-input></dm:person>'), 5000, undefined],
    ['closed wins over what is done', pidf(basic('closed'), doing('busy')), 18_500, undefined],
    ['an activity of a draft', pidf(`${basic('open')}<activities><activity>busy</activity></activities>`), 6500, undefined],
    ['one of two tuples is open', pidf(basic('closed'), '<tuple id="b"><status><basic>open</basic></status></tuple>'), 3500, undefined],
    ['an activity that nobody knows', pidf(basic('open'), doing('juggling')), 3500, undefined],
  ])('RFC 3863: %s', (_name, body, availability, token) => {
    expect(shown(readPidf(body))).toEqual({ availability, token });
  });

  test('RFC 3863: a note is taken, and cut', () => {
    expect(readPidf(pidf(`${basic('open')}<note> lunch </note>`)).note).toBe('lunch');
    expect(readPidf(pidf(`${basic('open')}<note>${'x'.repeat(5000)}</note>`)).note).toHaveLength(1024);
  });

  test.each([
    ['no XML', 'open'],
    ['another document', '<presence/>'],
    ['a document cut off', pidf(basic('open')).slice(0, -12)],
  ])('RFC 3903: %s is refused', (_name, body) => {
    expect(refusal(() => readPidf(body))).toEqual(['MALFORMED', 400]);
  });

  test('RFC 3903: one that is too large is refused', () => {
    expect(refusal(() => readPidf(pidf(`<note>${'x'.repeat(70_000)}</note>`)))).toEqual(['TOO_LARGE', 413]);
  });
});

describe('PIDF for phones', () => {
  test('RFC 3863: the whole document', () => {
    expect(pidfDocument({ aor: 'bob@example.com', availability: 8000, token: 'on-the-phone', note: 'a < b' })).toBe(
      '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:bob@example.com">' +
        '<tuple id="presence"><status><basic>open</basic></status><contact>sip:bob@example.com</contact><note>a &lt; b</note></tuple>' +
        '<dm:person id="person"><rpid:activities><rpid:on-the-phone/></rpid:activities><rpid:user-input>idle</rpid:user-input></dm:person></presence>',
    );
  });

  test('RFC 3863: who is offline is closed, and shows nothing else', () => {
    const document = pidfDocument({ aor: 'bob@example.com', availability: 18_500, token: 'off-work' });
    expect(document).toContain('<basic>closed</basic>');
    expect(document).not.toContain('person');
  });

  test('RFC 3863: what is written means the same when it is read', () => {
    const classes = fc.constantFrom(3500, 5000, 6500, 9500, 12_500, 15_500, 18_500);
    const merged: Readonly<Record<string, string>> = { 'do-not-disturb': 'busy', 'be-right-back': 'away' };
    fc.assert(
      fc.property(classes, fc.option(fc.string(), { nil: undefined }), (availability, note) => {
        const read = readPidf(pidfDocument({ aor: 'bob@example.com', availability, note }));
        const was = availabilityClass(availability);
        expect(availabilityClass(shown(read).availability)).toBe(merged[was] ?? was);
      }),
    );
  });
});

describe('MSRTC documents', () => {
  test.each<[number, string | undefined, number, number]>([
    [3000, undefined, 300, 400],
    [3500, undefined, 300, 400],
    [4499, undefined, 300, 400],
    [4500, undefined, 300, 200],
    [5999, undefined, 300, 200],
    [6000, undefined, 300, 600],
    [7499, undefined, 300, 600],
    [6500, 'on-the-phone', 300, 500],
    [7500, undefined, 300, 600],
    [8999, undefined, 300, 600],
    [9000, undefined, 300, 600],
    [11_999, undefined, 300, 600],
    [12_000, undefined, 300, 300],
    [14_999, undefined, 300, 300],
    [15_000, undefined, 300, 100],
    [17_999, undefined, 300, 100],
    [18_000, undefined, 0, 100],
  ])('MS-PRES 3.11: %i %s is %i/%i', (availability, token, first, second) => {
    const { root } = parseXml(msrtcDocument({ aor: 'bob@example.com', availability, token }));
    expect([root.child('availability')?.attribute('aggregate'), root.child('activity')?.attribute('aggregate')]).toEqual([
      String(first),
      String(second),
    ]);
    expect(root.find('devices')?.elements).toHaveLength(first === 0 ? 0 : 1);
  });

  test('MS-PRES 3.11: names, and no scheme in the address', () => {
    const document = msrtcDocument({ aor: 'bob@example.com', displayName: 'Bob "B" Baker', availability: 3500, phone: '+1 425 555 0101' });
    expect(document).toContain('<presentity uri="bob@example.com">');
    expect(document).toContain('<displayName displayName="Bob &quot;B&quot; Baker"/><email email="bob@example.com"/>');
    expect(document).toContain('<phoneNumber label="" number="+1 425 555 0101"/>');
  });

  const presentity = (availability: number, activity: number, rest = ''): string =>
    `<m:presentity xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip" m:uri="sip:bob@example.com"><m:availability m:aggregate="${availability}"/><m:activity m:aggregate="${activity}"/>${rest}</m:presentity>`;

  test.each<[number, number, number, string | undefined]>([
    [0, 0, 18_500, undefined],
    [100, 400, 15_500, undefined],
    [300, 100, 15_500, undefined],
    [300, 150, 15_500, undefined],
    [300, 200, 5000, undefined],
    [300, 300, 12_500, undefined],
    [300, 400, 3500, undefined],
    [300, 500, 6500, 'on-the-phone'],
    [300, 600, 6500, undefined],
    [300, 700, 15_500, undefined],
    [300, 800, 3500, undefined],
  ])('MS-PRES 3.11: setPresence %i/%i is %i %s', (availability, activity, expected, token) => {
    expect(shown(readPresentity(parseXml(presentity(availability, activity)).root))).toEqual({ availability: expected, token });
  });

  test('MS-PRES 3.11: a note is in userInfo', () => {
    const { root } = parseXml(presentity(300, 400, '<m:userInfo><note>hi</note></m:userInfo>'));
    expect(readPresentity(root).note).toBe('hi');
  });

  test('MS-PRES 3.11: a number that is none is refused', () => {
    const { root } = parseXml(presentity(300, 400).replace('"400"', '"busy"'));
    expect(refusal(() => readPresentity(root))).toEqual(['MALFORMED', 400]);
  });
});
