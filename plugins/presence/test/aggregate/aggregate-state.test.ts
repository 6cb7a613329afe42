/** The tables of the sheet, row by row. */
import { describe, expect, test } from 'vitest';
import { aggregateState, availabilityClass } from '../../src/aggregate/index.ts';
import type { PublishedState } from '../../src/aggregate/index.ts';
import { NOW, calendar, machine, outOfOffice, phone, published, user } from './states.ts';

const MINUTE = 60_000;

test.each([
  [0, 'available'],
  [2999, 'available'],
  [3000, 'available'],
  [3500, 'available'],
  [4499, 'available'],
  [4500, 'available-idle'],
  [5000, 'available-idle'],
  [5999, 'available-idle'],
  [6000, 'busy'],
  [6500, 'busy'],
  [6900, 'busy'],
  [7000, 'busy'],
  [7499, 'busy'],
  [7500, 'busy-idle'],
  [8000, 'busy-idle'],
  [8999, 'busy-idle'],
  [9000, 'do-not-disturb'],
  [9500, 'do-not-disturb'],
  [11_999, 'do-not-disturb'],
  [12_000, 'be-right-back'],
  [12_500, 'be-right-back'],
  [14_999, 'be-right-back'],
  [15_000, 'away'],
  [15_500, 'away'],
  [17_999, 'away'],
  [18_000, 'offline'],
  [18_500, 'offline'],
  [4_294_967_295, 'offline'],
])('MS-PRES S5: %i means %s', (availability, expected) => {
  expect(availabilityClass(availability)).toBe(expected);
});

const ROWS: readonly (readonly [string, readonly PublishedState[], number, string | undefined])[] = [
  ['A1 an active machine', [machine(3500), user(3500)], 3500, undefined],
  ['A2 an idle machine', [machine(5000), user(3500)], 5000, undefined],
  ['A3 busy at an idle machine', [machine(5000), user(6500)], 8000, undefined],
  ['A4 one of two machines is active', [machine(3500), machine(15_500, { instance: 2 }), user(3500)], 3500, undefined],
  ['A5 on the phone', [machine(3500), user(3500), phone(6500, 'on-the-phone')], 6500, 'on-the-phone'],
  ['A6 a meeting, at an idle machine', [machine(5000), calendar(6500)], 8000, 'in-a-meeting'],
  ['A7 do not disturb, and away', [machine(15_500), user(9500)], 9500, undefined],
  ['A8 appear offline', [machine(3500), user(18_500)], 18_500, undefined],
  ['A9 no machine', [user(3500)], 18_500, undefined],
  ['A10 away', [machine(15_500), user(3500)], 15_500, undefined],
];

test.each(ROWS)('MS-PRES S5: %s', (_name, states, availability, token) => {
  const shown = aggregateState({ states, now: NOW });
  expect([shown.availability, shown.token]).toEqual([availability, token]);
});

describe('machines', () => {
  test('MS-PRES S5: the most active one is named, the latest of equals', () => {
    const one = machine(3500, { instance: 1, endpointId: 'A', publishTime: NOW - 2 });
    const two = machine(3500, { instance: 2, endpointId: 'B', publishTime: NOW - 1 });
    expect(aggregateState({ states: [one, two], now: NOW }).machine?.endpointId).toBe('B');
    expect(aggregateState({ states: [machine(5000, { endpointId: 'C' }), one], now: NOW }).machine?.endpointId).toBe('A');
  });

  test('MS-PRES S5: one that says it is off is none', () => {
    const { availability, machine: on } = aggregateState({ states: [machine(18_500), user(9500)], now: NOW });
    expect([availability, on]).toEqual([18_500, undefined]);
  });

  test('MS-PRES S5: one that publishes the status of its user, as pidgin-sipe does, is believed', () => {
    expect(aggregateState({ states: [machine(6500)], now: NOW }).availability).toBe(6500);
    expect(aggregateState({ states: [machine(12_500)], now: NOW }).availability).toBe(12_500);
    expect(aggregateState({ states: [machine(6500), machine(3500, { instance: 2 })], now: NOW }).availability).toBe(3500);
  });

  test('MS-PRES S5: idle makes nobody busy who is not', () => {
    expect(aggregateState({ states: [machine(5000), user(5000)], now: NOW }).availability).toBe(5000);
    expect(aggregateState({ states: [machine(5000), user(8000)], now: NOW }).availability).toBe(8000);
  });

  test('MS-PRES S5: an idle conference is busy and idle', () => {
    expect(aggregateState({ states: [machine(5000), phone(7000, 'in-a-conference')], now: NOW })).toMatchObject({
      availability: 8500,
      token: 'in-a-conference',
    });
  });

  test('MS-PRES S5: who talks on the phone is not away', () => {
    expect(aggregateState({ states: [machine(15_500), phone(6500, 'on-the-phone')], now: NOW })).toMatchObject({
      availability: 6500,
      token: 'on-the-phone',
    });
  });

  test('MS-PRES S12: what is bound to a time counts until then', () => {
    const states = [machine(3500), user(6500, { expiresAt: NOW })];
    expect(aggregateState({ states, now: NOW - 1 }).availability).toBe(6500);
    expect(aggregateState({ states, now: NOW }).availability).toBe(3500);
  });
});

describe('what is set by hand', () => {
  test.each([12_000, 12_500, 15_500, 17_999, 18_500])('MS-PRES S5: %i stays, whatever calls and meetings there are', (availability) => {
    const states = [machine(3500), phone(6500, 'on-the-phone'), calendar(6500), user(availability)];
    expect(aggregateState({ states, now: NOW }).availability).toBe(availability);
  });

  test('MS-PRES S5: the latest of several decides', () => {
    const states = [
      machine(3500),
      user(6500, { instance: 0x2400_0000, publishTime: NOW - 2 }),
      user(3500, { instance: 0x2000_0000, publishTime: NOW - 1 }),
    ];
    expect(aggregateState({ states, now: NOW }).availability).toBe(3500);
  });

  test('MS-PRES S5: a status that is taken back is none', () => {
    const states = [machine(3500), user(6500, { publishTime: NOW - 2 }), published('userState', { instance: 2, publishTime: NOW - 1 })];
    expect(aggregateState({ states, now: NOW }).availability).toBe(3500);
  });

  test('MS-PRES S5: set during a meeting it beats the meeting; set before, it does not', () => {
    const meeting = calendar(6500, { publishTime: NOW - 5 });
    const during = aggregateState({ states: [machine(3500), meeting, user(3500, { publishTime: NOW - 4 })], now: NOW });
    const before = aggregateState({ states: [machine(3500), meeting, user(3500, { publishTime: NOW - 6 })], now: NOW });
    const automatic = aggregateState({ states: [machine(3500), meeting, user(3500, { publishTime: NOW - 4, manual: false })], now: NOW });
    expect(during).toMatchObject({ availability: 3500, token: undefined, meetingSubject: undefined });
    expect(before).toMatchObject({ availability: 6500, token: 'in-a-meeting', meetingSubject: 'Plan' });
    expect(automatic.availability).toBe(6500);
  });

  test('MS-PRES S10: who appears offline shows nothing else', () => {
    const meeting = calendar(6500);
    const { document } = aggregateState({ states: [machine(5000), meeting, user(18_500), outOfOffice()], now: NOW });
    expect(document).toBe(
      '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="aggregateState">' +
        '<availability>18500</availability></state>',
    );
  });
});

describe('activities', () => {
  test('MS-PRES S5: the newest that fits is shown', () => {
    const states = [
      machine(3500),
      phone(6500, 'on-the-phone', { publishTime: NOW - 2 }),
      phone(6500, 'in-a-conference', { publishTime: NOW - 1, instance: 2 }),
    ];
    expect(aggregateState({ states, now: NOW }).token).toBe('in-a-conference');
  });

  test('MS-PRES S5: out of office shows from be-right-back upwards', () => {
    expect(aggregateState({ states: [machine(3500), outOfOffice()], now: NOW }).token).toBeUndefined();
    expect(aggregateState({ states: [machine(15_500), outOfOffice()], now: NOW }).token).toBe('out-of-office');
    expect(aggregateState({ states: [machine(3500), user(12_500), outOfOffice()], now: NOW }).token).toBe('out-of-office');
  });

  test('MS-PRES S5: what the user says of a status set by hand comes first', () => {
    const offWork = user(15_500, { more: '<activity token="off-work"/>', publishTime: NOW - 9 });
    expect(aggregateState({ states: [machine(3500), outOfOffice(), offWork], now: NOW }).token).toBe('off-work');
  });

  test('MS-PRES S3: texts of its own are passed on', () => {
    const more = '<activity minAvailability="6500" maxAvailability="8999"><custom LCID="1031">Fütterung &amp; Pflege</custom></activity>';
    const { document } = aggregateState({ states: [machine(3500), user(6500, { more })], now: NOW });
    expect(document).toContain(more);
  });
});

describe('do not disturb', () => {
  test.each([9500, 6900])('MS-PRES S5: the workgroup may, when it is urgent (%i in container 3)', (availability) => {
    const { document } = aggregateState({ states: [machine(3500), user(availability)], now: NOW, workgroup: true });
    expect(document).toContain('<availability>6900</availability><activity token="urgent-interruptions-only"/>');
  });

  test('MS-PRES S5: it stays so when the machine is idle or away', () => {
    for (const where of [5000, 15_500]) {
      expect(aggregateState({ states: [machine(where), user(6900)], now: NOW, workgroup: true })).toMatchObject({
        availability: 6900,
        token: 'urgent-interruptions-only',
      });
    }
  });

  test('MS-PRES S5: presenting keeps the workgroup out, too', () => {
    const presenting = published('phoneState', {
      availability: 9000,
      more: '<activity token="in-presentation" minAvailability="9000" maxAvailability="11999"/>',
    });
    expect(aggregateState({ states: [machine(3500), presenting], now: NOW, workgroup: true })).toMatchObject({
      availability: 9000,
      token: 'in-presentation',
    });
  });
});

describe('last active', () => {
  const idle = { machine: 5000, publishTime: NOW - MINUTE };

  test('MS-PRES S5: the moment when the last active machine ceased to be', () => {
    const active = aggregateState({ states: [machine(3500)], now: NOW - 2 * MINUTE });
    const left = aggregateState({ states: [machine(idle.machine)], now: NOW, previous: active });
    const away = aggregateState({ states: [machine(15_500, { publishTime: NOW + MINUTE })], now: NOW + MINUTE, previous: left });
    expect([active.lastActive, left.lastActive, away.lastActive]).toEqual([undefined, NOW, NOW]);
    expect(away.document).toContain('lastActive="2024-01-01T10:00:00"');
  });

  test('MS-PRES S5: after a restart, when the machine said so', () => {
    expect(aggregateState({ states: [machine(5000)], now: NOW }).lastActive).toBe(NOW - MINUTE);
  });

  test('MS-PRES S5: it is not shown of those who are not idle, but kept', () => {
    const quiet = aggregateState({ states: [machine(15_500), user(9500)], now: NOW });
    expect(quiet).toMatchObject({ lastActive: undefined, inactiveSince: NOW - MINUTE });
  });

  test('MS-PRES S5: who comes back begins anew', () => {
    const away = aggregateState({ states: [machine(15_500)], now: NOW });
    const back = aggregateState({ states: [machine(3500)], now: NOW, previous: away });
    expect(back.inactiveSince).toBeUndefined();
  });
});

test('MS-PRES S7: the document of the sheet', () => {
  const states = [machine(5000, { more: '<device>computer</device>', publishTime: NOW - 5 * MINUTE }), calendar(6500)];
  const { document } = aggregateState({ states, now: NOW });
  expect(document).toBe(
    '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="aggregateState" lastActive="2024-01-01T09:55:00">' +
      '<availability>8000</availability><activity token="in-a-meeting" minAvailability="6500" maxAvailability="8999"/>' +
      '<meetingSubject>Plan</meetingSubject><meetingLocation>Room 1</meetingLocation><device>computer</device></state>',
  );
});
