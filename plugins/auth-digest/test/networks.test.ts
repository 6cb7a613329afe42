import { expect, test } from 'vitest';
import { contains, isNetwork, networkList } from '../src/networks.ts';

test('networks are written as addresses or with a prefix', () => {
  const list = networkList(['192.0.2.0/24', '2001:db8::/32', '198.51.100.1'], 'exemptNetworks');
  expect(['192.0.2.200', '2001:db8:5::1', '198.51.100.1'].every((host) => contains(list, host))).toBe(true);
  expect(['192.0.3.1', '2001:db9::1', '198.51.100.2'].some((host) => contains(list, host))).toBe(false);
  for (const text of ['192.0.2.0/33', 'example.com', '192.0.2.0/24/1', '192.0.2.0/x', '']) expect(isNetwork(text), text).toBe(false);
  expect(() => networkList(['nonsense'], 'exemptNetworks')).toThrow(/"nonsense" in exemptNetworks/);
});
