/** What aggregation publishes, and where. */
import { describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import { aggregateOutputs, isAggregate, readDevice } from '../../src/aggregate/index.ts';
import type { DeviceDocument, OutputInput } from '../../src/aggregate/index.ts';
import { NOW, calendar, machine, user } from './states.ts';

const AOR = 'alice@example.com';
const HEAD =
  '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type=';

function outputs(
  input: Partial<OutputInput>,
): (name: string, container: number, instance?: number) => readonly [string, string] | undefined {
  const { publications } = aggregateOutputs({ aor: AOR, states: [], workgroupStates: [], devices: [], now: NOW, ...input });
  return (name, container, instance) => {
    const found = publications.find((p) => p.name === name && p.container === container && (instance ?? p.instance) === p.instance);
    return found && [found.expireType, found.content];
  };
}

function device(endpointId: string, capabilities: string, uri = `sip:${AOR}`): DeviceDocument {
  return readDevice(
    parseXml(
      `<device xmlns="http://schemas.microsoft.com/2006/09/sip/device" endpointId="${endpointId}"><capabilities uri="${uri}">${capabilities}</capabilities></device>`,
    ).root,
  );
}

const here = machine(5000, {
  endpointId: 'AA',
  more: '<endpointLocation>office</endpointLocation><timeZoneBias>-60</timeZoneBias><device>computer</device>',
});

describe('of somebody in a meeting', () => {
  const states = [here, calendar(6500)];
  const of = outputs({ states, workgroupStates: states });
  const activity = '<activity token="in-a-meeting" minAvailability="6500" maxAvailability="8999"/>';
  const meeting = '<meetingSubject>Plan</meetingSubject><meetingLocation>Room 1</meetingLocation>';
  const rest = '<timeZoneBias>-60</timeZoneBias><device>computer</device></state>';
  const opening = `${HEAD}"aggregateState" lastActive="2024-01-01T09:59:00"><availability>8000</availability>${activity}`;

  test('MS-PRES S6: the user’s endpoints see everything', () => {
    for (const container of [2, 3]) {
      expect(of('state', container, 1)).toEqual(['user', `${opening}<endpointLocation>office</endpointLocation>${meeting}${rest}`]);
    }
  });

  test('MS-PRES S6: and which machine it is', () => {
    expect(of('state', 2, 0x1000_0000)).toEqual([
      'user',
      `${HEAD}"aggregateMachineState" endpointId="AA"><availability>5000</availability><endpointLocation>office</endpointLocation>${rest}`,
    ]);
    expect(of('state', 3, 0x1000_0000)).toBeUndefined();
  });

  test('MS-PRES S10: watchers do not see where', () => {
    for (const container of [200, 300, 400]) expect(of('state', container)).toEqual(['user', `${opening}${meeting}${rest}`]);
  });

  test('MS-PRES S10: other organisations see the number alone', () => {
    expect(of('state', 100)).toEqual(['user', `${HEAD}"aggregateState"><availability>8000</availability></state>`]);
  });

  test('MS-PRES 3.11: old clients see number and token', () => {
    const legacy = (token: string): string =>
      `<legacyInterop availability="8000"${token} xmlns="http://schemas.microsoft.com/2006/09/sip/categories"/>`;
    expect(of('legacyInterop', 100)).toEqual(['user', legacy('')]);
    for (const container of [200, 300, 400]) expect(of('legacyInterop', container)).toEqual(['user', legacy(' token="in-a-meeting"')]);
  });
});

test('MS-PRES S9: the blocked see somebody offline, always', () => {
  for (const states of [[here], []]) {
    const of = outputs({ states, workgroupStates: states });
    expect(of('state', 32_000, 0)).toEqual(['static', `${HEAD}"aggregateState"><availability>18500</availability></state>`]);
    expect(of('legacyInterop', 32_000)?.[1]).toContain('availability="18500"');
    expect(of('services', 32_000)?.[1]).toBe('<services xmlns="http://schemas.microsoft.com/2006/09/sip/service"/>');
  }
});

test('MS-PRES S5: do not disturb is 9500, and urgent-interruptions-only for the workgroup', () => {
  const states = [machine(3500), user(9500)];
  const of = outputs({ states, workgroupStates: states });
  for (const container of [2, 100, 200, 400]) expect(of('state', container, 1)?.[1]).toContain('<availability>9500</availability>');
  for (const container of [3, 300]) {
    expect(of('state', container, 1)?.[1]).toContain('<availability>6900</availability><activity token="urgent-interruptions-only"/>');
  }
});

test('MS-PRES R16: when the last machine has gone, watchers are shown that, and go on being shown it', () => {
  const of = outputs({ states: [user(3500)], workgroupStates: [user(3500)] });
  for (const container of [100, 200, 300, 400]) {
    expect(of('state', container)).toEqual(['static', `${HEAD}"aggregateState"><availability>18500</availability></state>`]);
    expect(of('services', container)).toBeUndefined();
  }
  expect(of('state', 2, 1)?.[1]).toContain('<availability>18500</availability>');
  expect(of('state', 2, 0x1000_0000)).toBeUndefined();
});

test('MS-PRES S5: containers 2 and 3 know nothing of each other', () => {
  const of = outputs({ states: [machine(3500)], workgroupStates: [machine(15_500)] });
  expect(of('state', 200)?.[1]).toContain('3500');
  expect(of('state', 300)?.[1]).toContain('15500');
});

describe('services', () => {
  const states = [machine(3500, { endpointId: 'aa' }), machine(15_500, { endpointId: 'BB', instance: 2 })];
  const devices = [
    device('BB', '<text capture="true"/><video render="true" capture="true"/><calendar publish="true"/>'),
    device('AA', '<text render="true"/>'),
    device('BB', '<remoteCallControl render="true"/>', 'tel:+14255550101'),
  ];
  const of = outputs({ states, workgroupStates: states, devices });

  test('MS-PRES S6: each capability of any device, with the most active device that has it', () => {
    expect(of('services', 2)?.[1]).toBe(
      `<services xmlns="http://schemas.microsoft.com/2006/09/sip/service"><service uri="sip:${AOR}"><capabilities>` +
        '<calendar render="false" capture="false" publish="true" deviceAvailability="15500" preferredEndpointId="bb"/>' +
        '<text render="true" capture="true" deviceAvailability="3500" preferredEndpointId="aa"/>' +
        '<video render="true" capture="true" deviceAvailability="15500" preferredEndpointId="bb"/></capabilities></service>' +
        '<service uri="tel:+14255550101"><capabilities><remoteCallControl render="true" capture="false" deviceAvailability="15500" preferredEndpointId="bb"/></capabilities></service></services>',
    );
  });

  test('MS-PRES S10: watchers see what they can use, and not which device it is', () => {
    const expected =
      `<services xmlns="http://schemas.microsoft.com/2006/09/sip/service"><service uri="sip:${AOR}"><capabilities>` +
      '<text render="true" capture="true" deviceAvailability="3500"/><video render="true" capture="true" deviceAvailability="15500"/></capabilities></service></services>';
    for (const container of [100, 200, 300, 400]) expect(of('services', container)).toEqual(['user', expected]);
  });

  test('MS-PRES S6: the order of devices and states does not matter', () => {
    const turned = outputs({ states: states.toReversed(), workgroupStates: states, devices: devices.toReversed() });
    expect(turned('services', 2)).toEqual(of('services', 2));
  });
});

test('MS-PRES R12: what aggregation makes is known by name and instance', () => {
  const { publications } = aggregateOutputs({ aor: AOR, states: [here], workgroupStates: [here], devices: [], now: NOW });
  expect(publications.every(({ name, instance }) => isAggregate(name, instance))).toBe(true);
  expect(new Set(publications.map((p) => `${p.name} ${p.container} ${p.instance}`)).size).toBe(publications.length);
  expect([isAggregate('state', 0x2000_0000), isAggregate('note', 0), isAggregate('device', 1)]).toEqual([false, false, false]);
});
