/**
 * A certificate for `uc.example.com`, so that tests of web services need not wait for the server to make keys:
 * `testServer({ files: GIVEN_CERTIFICATE.files, plugins: [pki(GIVEN_CERTIFICATE.pki), web(...)] })`.
 *
 * Self-signed, good for a hundred years from 2026, trusted by nothing, its key no secret.
 */
export const GIVEN_CERTIFICATE = {
  files: {
    'given.pem': `-----BEGIN CERTIFICATE-----
MIIBuzCCAWGgAwIBAgIUKxBd0E9gBP6Ugkg6MZ3AiFH54vIwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdWMuZXhhbXBsZS5jb20wIBcNMjYxMTIyMTExOTQwWhgPMjEy
NjEwMjkxMTE5NDBaMBkxFzAVBgNVBAMMDnVjLmV4YW1wbGUuY29tMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEJkYSxa8LA0Bn4KxoKu4VeGWuzyqUEkkxQLfmZ3Wa
vg5o9EpnNugDi0AEfABu3Wl+VDvLNJCrrscQNzuS4RmxTKOBhDCBgTAdBgNVHQ4E
FgQUsxPfvK9KzyhnSVq4v+FNjOcUAc4wHwYDVR0jBBgwFoAUsxPfvK9KzyhnSVq4
v+FNjOcUAc4wDwYDVR0TAQH/BAUwAwEB/zAuBgNVHREEJzAlgg51Yy5leGFtcGxl
LmNvbYINKi5leGFtcGxlLmNvbYcEfwAAATAKBggqhkjOPQQDAgNIADBFAiB/YQUQ
gWLNwtBGnPaqyicxyfmh6tZa+G0FQ4lM9dGRiwIhAOBKvmKlpS2CFBOKCYN14mlN
CbvjlykRSUKxrTTXCGk3
-----END CERTIFICATE-----
`,
    'given.key': `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0iehP3TOoTwrSrQo
AgZ2RVor6Ik84sDbEnHC4RGmo9WhRANCAAQmRhLFrwsDQGfgrGgq7hV4Za7PKpQS
STFAt+ZndZq+Dmj0Smc26AOLQAR8AG7daX5UO8s0kKuuxxA3O5LhGbFM
-----END PRIVATE KEY-----
`,
  },
  pki: { certFile: 'given.pem', keyFile: 'given.key', allowMissingNames: true },
} as const;
