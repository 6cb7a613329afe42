import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { Pki } from '../src/api.ts';
import plugin from '../src/plugin.ts';
import { issue, serving, withAuthority } from './serving.ts';

test('pki show tells what the server shows and until when', async () => {
  const server = await serving({}, { files: withAuthority() });
  const { rows, data } = await server.command('pki show');
  expect(rows).toContainEqual({ field: 'Server certificate', value: 'uc.example.com' });
  expect(rows).toContainEqual({ field: 'Authority', value: 'Parley authority of the tests' });
  expect(rows).toContainEqual({ field: 'Valid until', value: '2031-02-15 (396 days)' });
  expect(rows).toContainEqual({ field: 'Good for', value: 'uc.example.com' });
  expect(data).toHaveLength(2);
  expect(JSON.stringify([rows, data])).not.toContain('PRIVATE');
});

test('pki export-ca prints the certificate of the authority, never a key', async () => {
  const server = await serving({}, { files: withAuthority() });
  const { text, data } = await server.command('pki export-ca');
  expect(new X509Certificate(text as string).ca).toBe(true);
  expect(text).not.toContain('PRIVATE');
  expect(data).toEqual({ pem: server.find(Pki).caCertificate });
});

test('pki export-ca says where to get the authority of a given certificate', async () => {
  const { certificate, key } = issue(['uc.example.com', 'example.com']);
  const server = await serving({ certFile: 'cert.pem', keyFile: 'key.pem' }, { files: { 'cert.pem': certificate, 'key.pem': key } });
  await expect(server.command('pki export-ca')).rejects.toMatchObject({ code: 'PKI_NO_CA' });
});

test('a misspelt option is refused by name', () => {
  expect(() => plugin.config.parse({ certfile: 'x' })).toThrow(/certfile/);
});
