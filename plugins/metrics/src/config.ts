/** Configuration of the metrics plugin. */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** True for an address that only programs of the same machine reach. */
export function isLoopback(host: string): boolean {
  return loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

/** Everything an operator may set. */
export const MetricsConfig = z
  .strictObject({
    host: z
      .string()
      .refine((host) => isIP(host) !== 0, 'an IPv4 or IPv6 address of this machine')
      .default('127.0.0.1')
      .describe('Address to listen on. Anything but a loopback address needs allowRemote.'),
    port: z.int().min(0).max(65_535).default(9090).describe('Port; 0 takes a free one.'),
    allowRemote: z
      .boolean()
      .default(false)
      .describe('Listen on an address that other machines reach. There is no password: put a firewall or a proxy in front.'),
    processMetrics: z.boolean().default(true).describe('Also tell about the process itself: CPU, memory, event loop, garbage collection.'),
  })
  .refine((config) => config.allowRemote || isLoopback(config.host), {
    message: 'an address that other machines reach needs allowRemote: true',
    path: ['host'],
  });

export type MetricsConfig = z.output<typeof MetricsConfig>;
