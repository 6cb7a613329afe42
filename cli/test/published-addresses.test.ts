import { expect, test } from 'vitest';
import { isLoopbackOnly, publishedAddresses } from '../src/published-addresses.ts';

const OWN = ['192.0.2.10', '2001:db8::10'];

test.each([
  ['all of IPv4 publishes no IPv6 address', ['0.0.0.0', '0.0.0.0'], ['192.0.2.10']],
  ['all of IPv6 takes IPv4 too', ['::'], OWN],
  ['an address of its own is published, whatever others there are', ['198.51.100.1'], ['198.51.100.1']],
  ['loopback beside others is left out', ['127.0.0.1', '0.0.0.0'], ['192.0.2.10']],
  ['loopback alone publishes nothing', ['127.0.0.1', '::1'], []],
])('%s', (_, hosts, published) => {
  expect(publishedAddresses(hosts, OWN)).toEqual(published);
});

test('a server without any outside address is not one for loopback alone', () => {
  expect(publishedAddresses(['0.0.0.0'], [])).toEqual([]);
  expect([['0.0.0.0', '127.0.0.1'], ['127.0.0.2', '::1'], []].map(isLoopbackOnly)).toEqual([false, true, false]);
});
