import { expect, test } from 'vitest';
import { DIAGNOSTICS, DIAGNOSTIC_IDS, diagnosticHeaders, diagnosticOf, errorTable, quotableText } from '@parley/sdk';
import type { Diagnostic } from '@parley/sdk';

const Errors = errorTable({
  TEST_DIAGNOSTICS_FORBIDDEN: { sentence: '{who} may not "do" this', fix: 'Ask.', status: 403 },
  TEST_DIAGNOSTICS_UNKNOWN: { sentence: '{who} does not exist', fix: 'Ask.', status: 404 },
});

test('MS-OCER: every ErrorId has one name, lies in its range and has a meaning that can stand in a header', () => {
  const all = Object.values<Diagnostic>(DIAGNOSTICS);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const { id, meaning } of all) {
    expect(quotableText(meaning)).toBe(meaning);
    // 61000 to 62999 are left to applications; below 60000 only what is documented.
    expect(id < 26_000 || (id >= 61_000 && id < 63_000)).toBe(true);
  }
  expect(DIAGNOSTIC_IDS.handshakeFailed).toBe(1000);
  expect(diagnosticOf(4141)).toEqual({ id: 4141, status: 403, meaning: 'User disabled', public: true });
  expect(diagnosticOf(59_999)).toBeUndefined();
});

test('MS-OCER R6: a reason holds no quote, backslash or line break, and 200 characters at most', () => {
  expect(quotableText('a"b\\c\r\nd\u00e9')).toBe("a'b'c''d'");
  expect(quotableText('x'.repeat(300))).toHaveLength(200);
});

test('MS-OCER R8: a 403 and an id that is documented as public are explained in ms-diagnostics-public too', () => {
  expect(diagnosticHeaders(Errors.TEST_DIAGNOSTICS_FORBIDDEN({ who: 'dora' }), DIAGNOSTIC_IDS.expectedFailure, 'uc.example.com')).toEqual({
    Warning: `399 uc.example.com "dora may not 'do' this"`,
    'ms-diagnostics': `61001;reason="dora may not 'do' this";source="uc.example.com"`,
    'ms-diagnostics-public': `61001;reason="dora may not 'do' this"`,
  });
  const unknown = Errors.TEST_DIAGNOSTICS_UNKNOWN({ who: 'dora' });
  expect(diagnosticHeaders(unknown, DIAGNOSTIC_IDS.userUnknown, 'uc.example.com')['ms-diagnostics-public']).toBeUndefined();
  expect(diagnosticHeaders(unknown, DIAGNOSTIC_IDS.userDisabled, 'uc.example.com')['ms-diagnostics-public']).toBe(
    '4141;reason="dora does not exist"',
  );
});
