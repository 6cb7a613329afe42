/** What an operator can set about the HTTPS host. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { isNetwork } from './networks.ts';

const address = z
  .string()
  .refine((host) => isIP(host) !== 0, 'an IPv4 or IPv6 address of this machine')
  .default('0.0.0.0');
const baseUrl = z
  .string()
  .regex(/^https:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i, 'https://host or https://host:port, without a path')
  .optional();

export const WebConfig = z.strictObject({
  host: address.describe('Address of this machine to listen on; 0.0.0.0 or :: for all'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(8443)
    .describe('HTTPS port; 443 is what clients look for when they discover the server, 0 takes a free one'),
  plain: z
    .strictObject({
      host: address.describe('Address of this machine to listen on'),
      port: z.int().min(0).max(65_535).default(80).describe('Port; 0 takes a free one'),
    })
    .optional()
    .describe('A listener without TLS, which says where the services are and nothing else; none when absent'),
  internalUrl: baseUrl.describe('URL by which clients inside the organisation reach this host; https:// and the server’s name when absent'),
  externalUrl: baseUrl.describe('The same for clients outside, whether directly or through a reverse proxy; internalUrl when absent'),
  tls: z
    .strictObject({
      minVersion: z
        .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
        .default('TLSv1.2')
        .describe('Oldest TLS version accepted. Versions below TLSv1.2 are for old clients alone'),
      ciphers: z.string().min(1).optional().describe('OpenSSL cipher list; what suits minVersion when absent'),
    })
    .prefault({})
    .describe('Rules for TLS; the certificate is the server’s'),
  authentication: z
    .strictObject({
      ntlm: z.boolean().default(true).describe('Whether NTLM is offered, when the plugin auth-ntlm is there'),
      negotiate: z.boolean().default(true).describe('Whether Negotiate is offered, when the plugin auth-kerberos is there'),
      basic: z.boolean().default(true).describe('Whether Basic is offered, over TLS as everything here'),
      connectionSeconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(600)
        .describe('How long NTLM or Negotiate covers further requests on its connection; 0: each request anew'),
    })
    .prefault({})
    .describe('How users of web services are recognised'),
  proxies: z
    .array(z.string().refine(isNetwork, 'an IP address or network such as 192.0.2.0/24'))
    .default([])
    .describe('Reverse proxies whose X-Forwarded-For is believed. Requests through them count as external, and NTLM is not offered there'),
  limits: z
    .strictObject({
      bodyBytes: z.int().min(1_024).max(16_777_216).default(262_144).describe('Size of a request’s body, unless a service says otherwise'),
      headerBytes: z
        .int()
        .min(8_192)
        .max(262_144)
        .default(65_536)
        .describe('Size of all header fields of a request. Kerberos tickets and web tickets travel in them'),
      requestSeconds: z.int().min(1).max(600).default(30).describe('Time for a request to arrive'),
      idleSeconds: z.int().min(1).max(3_600).default(120).describe('Life of a connection between requests'),
      connections: z.int().min(1).max(100_000).default(2_000).describe('Open connections, on each listener'),
      connectionsPerAddress: z.int().min(1).max(100_000).default(200).describe('Open connections from one address, proxies excepted'),
    })
    .prefault({})
    .describe('Bounds on what others may cost it'),
  hstsSeconds: z
    .int()
    .min(0)
    .max(63_072_000)
    .default(0)
    .describe('Strict-Transport-Security for browsers; 0: none, since it would cover every port of the name, other web sites too'),
  accessLog: z.boolean().default(true).describe('Whether each request is a line in the log'),
});
export type WebConfig = z.output<typeof WebConfig>;
