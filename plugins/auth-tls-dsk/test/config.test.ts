import { expect, test } from 'vitest';
import { DskConfig } from '../src/config.ts';
import { StsUri } from '../src/sts-uri.ts';

const PROVISIONING = { stsUri: 'https://uc.example.com:8443/CertProv/CertProvisioningService.svc' };

test('the sts-uri is the configured one, else that of the plugin that issues certificates', () => {
  expect(new StsUri({ stsUri: 'https://sts.example.com/x' }, PROVISIONING).stsUri).toBe('https://sts.example.com/x');
  expect(new StsUri(DskConfig.parse({}), PROVISIONING).stsUri).toBe(PROVISIONING.stsUri);
});

test('without a place to get certificates from the server does not start, and says what is missing', () => {
  expect(() => new StsUri(DskConfig.parse({}), undefined)).toThrow(/Nobody says where clients get the certificate/);
});

test.each([['http://uc.example.com/'], ['https://uc.example.com/"x'], ['not a URL']])(
  'an sts-uri that cannot stand in a challenge is refused: %s',
  (stsUri) => {
    expect(() => DskConfig.parse({ stsUri })).toThrow(/stsUri/);
  },
);

test('a misspelt option is refused by name', () => {
  expect(() => DskConfig.parse({ stsUrl: 'https://uc.example.com/' })).toThrow(/stsUrl/);
});
