import { describe, expect, test } from 'vitest';
import { NtlmServerExchange, canSign } from '../../src/ntlm/acceptor.ts';
import { decodeAuthenticate, readNtlmV2Response } from '../../src/ntlm/authenticate-message.ts';
import { AV, decodeAvPairs, encodeTargetInfo } from '../../src/ntlm/av-pairs.ts';
import { decodeChallenge, encodeChallenge } from '../../src/ntlm/challenge-message.ts';
import { datagramKeys, sealingKey, signingKey } from '../../src/ntlm/datagram-signatures.ts';
import { DATAGRAM_FLAGS, NTLM_FLAGS, connectionFlags } from '../../src/ntlm/flags.ts';
import { exportedSessionKey, hmacMd5, messageIntegrityCode, ntHash, ntProof, ntlmV2Key } from '../../src/ntlm/ntlm-v2.ts';
import { rc4 } from '../../src/kerberos/rc4.ts';
import { NtlmClient } from '../../src/testkit/sign-in/ntlm-client.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const CHALLENGE = hex('0123456789abcdef');
const RANDOM_KEY = Buffer.alloc(16, 0x55);
const TARGET = { netbiosDomain: 'EXAMPLE', netbiosComputer: 'UCSRV', dnsDomain: 'example.com', dnsComputer: 'ucsrv.example.com' };

describe('[MS-NLMP] section 4.2.4, the example of the specification', () => {
  const HASH = hex('a4f49c406510bdcab6824ee7c30fd852');
  const TEMP = hex(`01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000
    02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000`);
  const key = ntlmV2Key(HASH, 'User', 'Domain');
  const proof = ntProof(key, CHALLENGE, TEMP);

  test('4.2.2.1.2 NTOWFv1 and 4.2.4.1.1 NTOWFv2', () => {
    expect(ntHash('Password')).toEqual(HASH);
    expect(key).toEqual(hex('0c868a403bfd7a93a3001ef22ef02e3f'));
  });

  test('4.2.4.2.2 NTLMv2 response and 4.2.4.1.2 session base key', () => {
    expect(proof).toEqual(hex('68cd0ab851e51c96aabc927bebef6a1c'));
    expect(hmacMd5(key, proof)).toEqual(hex('8de40ccadbc14a82f15cb0ad0de95ca3'));
  });

  test('4.2.4.2.3 encrypted session key', () => {
    const encrypted = hex('c5dad2544fc9799094ce1ce90bc9d03e');
    expect(exportedSessionKey(key, proof, NTLM_FLAGS.KEY_EXCH, encrypted)).toEqual(RANDOM_KEY);
    expect(exportedSessionKey(key, proof, 0, Buffer.alloc(0))).toEqual(hmacMd5(key, proof));
  });

  test('4.2.4.4 sealing and signing keys, and what they make of "Plaintext"', () => {
    expect(signingKey(RANDOM_KEY, 'client')).toEqual(hex('4788dc861b4782f35d43fd98fe1a2d39'));
    expect(sealingKey(RANDOM_KEY, 'client')).toEqual(hex('59f600973cc4960a25480a7c196e4c58'));
    const plaintext = Buffer.from('Plaintext', 'utf16le');
    const checksum = hmacMd5(signingKey(RANDOM_KEY, 'client'), Buffer.alloc(4), plaintext).subarray(0, 8);
    const sealed = rc4(sealingKey(RANDOM_KEY, 'client'), Buffer.concat([plaintext, checksum]));
    expect(sealed).toEqual(hex('54e50165bf1936dc996020c1811b0f06fb5f 7fb38ec5c55d4976'));
  });
});

describe('[MS-SIPAE] section 3.7 of the sheet', () => {
  const TYPE2 =
    'TlRMTVNTUAACAAAAAAAAADgAAADzgpjiASNFZ4mrze8AAAAAAAAAAGQAZAA4AAAABgGxHQAAAA8CAA4ARQBYAEEATQBQAEwARQABAAoAVQBDAFMAUgBWAAQAFgBlAHgAYQBtAHAAbABlAC4AYwBvAG0AAwAiAHUAYwBzAHIAdgAuAGUAeABhAG0AcABsAGUALgBjAG8AbQAAAAAA';
  const TYPE3 = Buffer.from(
    'TlRMTVNTUAADAAAAGAAYAGYAAACUAJQAfgAAAA4ADgBIAAAACgAKAFYAAAAGAAYAYAAAABAAEAASAQAAVYKYYgUBKAoAAAAPRQBYAEEATQBQAEwARQBhAGwAaQBjAGUAUABDADEAhOa5PO7wjIakXOTxIf6wlKqqqqqqqqqqbgMs4giaUlsOQ8PVia7M/QEBAAAAAAAAAABtxkcX2gGqqqqqqqqqqgAAAAACAA4ARQBYAEEATQBQAEwARQABAAoAVQBDAFMAUgBWAAQAFgBlAHgAYQBtAHAAbABlAC4AYwBvAG0AAwAiAHUAYwBzAHIAdgAuAGUAeABhAG0AcABsAGUALgBjAG8AbQAAAAAAAAAAAFZgg/AxNmoR5Hmt7BH2CjY=',
    'base64',
  );
  const HASH = ntHash('Passw0rd!');

  test('the CHALLENGE is byte for byte that of OCS 2007 R2', () => {
    expect(DATAGRAM_FLAGS).toBe(0xe29882f3);
    expect(encodeChallenge(DATAGRAM_FLAGS, CHALLENGE, TARGET).toString('base64')).toBe(TYPE2);
  });

  test('the AUTHENTICATE is read', () => {
    const message = decodeAuthenticate(TYPE3);
    expect(message).toMatchObject({ domain: 'EXAMPLE', user: 'alice', workstation: 'PC1', flags: 0x62988255 });
    expect(readNtlmV2Response(message.ntResponse)).toMatchObject({
      proof: hex('6e032ce2089a525b0e43c3d589aeccfd'),
      hasMic: false,
      time: 1_700_000_000_000,
    });
    expect(canSign(message.flags)).toBe(true);
  });

  test('the password proves itself, and gives the keys', () => {
    expect(ntlmV2Key(HASH, 'alice', 'EXAMPLE')).toEqual(hex('c85c6789395b678a69c523c158561d3b'));
    const exchange = new NtlmServerExchange(TARGET, CHALLENGE);
    exchange.datagramChallenge();
    const claim = exchange.read(TYPE3);
    expect(exchange.prove(TYPE3, claim, HASH)).toEqual(RANDOM_KEY);
    expect(exchange.prove(TYPE3, claim, ntHash('Passw0rd'))).toBeUndefined();
    const keys = ['client', 'server'] as const;
    expect(keys.map((side) => signingKey(RANDOM_KEY, side).toString('hex'))).toEqual([
      '4788dc861b4782f35d43fd98fe1a2d39',
      'd04d6f10741041d1d246d64188d7a8ad',
    ]);
    expect(keys.map((side) => sealingKey(RANDOM_KEY, side).toString('hex'))).toEqual([
      '59f600973cc4960a25480a7c196e4c58',
      '9355f3a957c1583d25c4c2f11e40390e',
    ]);
  });

  test('an answer to another challenge proves nothing: guessing one does not help', () => {
    const exchange = new NtlmServerExchange(TARGET, hex('0123456789abcdee'));
    exchange.datagramChallenge();
    expect(exchange.prove(TYPE3, exchange.read(TYPE3), HASH)).toBeUndefined();
  });

  const REQUEST =
    '<NTLM><1a2b3c4d><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><sip:alice@example.com><><><><>';
  const RESPONSE =
    '<NTLM><9E8D7C6B><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><sip:alice@example.com><AABBCCDD><><><7200><200>';

  test('messages are signed in both directions', () => {
    const client = datagramKeys(RANDOM_KEY, DATAGRAM_FLAGS, 'client');
    const server = datagramKeys(RANDOM_KEY, DATAGRAM_FLAGS);
    expect(client.sign(REQUEST)).toBe('01000000752dc8491bfd708664000000');
    expect(server.sign(RESPONSE)).toBe('01000000401691ad2ad1fd9a64000000');
    expect(server.verify(REQUEST, client.sign(REQUEST).toUpperCase())).toBe(true);
    expect(client.verify(RESPONSE, server.sign(RESPONSE))).toBe(true);
  });

  test('no other text, direction, key or form of a signature is good', () => {
    const server = datagramKeys(RANDOM_KEY, DATAGRAM_FLAGS);
    const signature = '01000000752dc8491bfd708664000000';
    expect(server.verify(REQUEST.replace('<3>', '<4>'), signature)).toBe(false);
    expect(server.verify(REQUEST, server.sign(REQUEST))).toBe(false);
    expect(datagramKeys(Buffer.alloc(16, 0x56), DATAGRAM_FLAGS).verify(REQUEST, signature)).toBe(false);
    expect(datagramKeys(RANDOM_KEY, DATAGRAM_FLAGS & ~NTLM_FLAGS.KEY_EXCH).verify(REQUEST, signature)).toBe(false);
    for (const other of [
      '',
      signature.slice(2),
      `${signature}00`,
      signature.replace(/^01/, '02'),
      signature.replace(/64000000$/, '65000000'),
      'zz'.repeat(16),
    ]) {
      expect(server.verify(REQUEST, other), other).toBe(false);
    }
  });
});

describe('on a connection, as HTTP has it', () => {
  const HASH = ntHash('Passw0rd!');
  const ASKED = 0xe2088297;

  function exchange(change: (type3: Buffer) => Buffer = (same) => same): Buffer | undefined {
    const client = new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password: 'Passw0rd!', mic: true });
    const server = new NtlmServerExchange(TARGET, CHALLENGE);
    const type3 = change(client.authenticate(server.connectionChallenge(client.negotiate(ASKED))));
    return server.prove(type3, server.read(type3), HASH);
  }

  test('[MS-NLMP] 3.2.5.1.1: the CHALLENGE names the domain and has what the client asked for, without the datagram flags', () => {
    const client = new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password: 'x' });
    const { flags } = decodeChallenge(new NtlmServerExchange(TARGET, CHALLENGE).connectionChallenge(client.negotiate(ASKED)));
    expect(flags & NTLM_FLAGS.DATAGRAM).toBe(0);
    expect(flags).toBe(connectionFlags(ASKED));
    expect(connectionFlags(0) & NTLM_FLAGS.KEY_EXCH).toBe(0);
  });

  test('[MS-NLMP] 3.2.5.1.2: the MIC covers all three messages', () => {
    expect(exchange()).toHaveLength(16);
    const changed =
      (at: number) =>
      (type3: Buffer): Buffer => {
        type3[at] = (type3[at] as number) ^ 1;
        return type3;
      };
    expect(exchange(changed(72))).toBeUndefined();
    expect(exchange(changed(64))).toBeUndefined();
  });
});

describe('hostile messages', () => {
  const client = new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password: 'Passw0rd!', mic: true });
  const type3 = client.authenticate(new NtlmServerExchange(TARGET, CHALLENGE).datagramChallenge());

  test('every truncation is refused with one kind of error, or proves nothing', () => {
    for (let length = 0; length < type3.length; length++) {
      const exchange = new NtlmServerExchange(TARGET, CHALLENGE);
      exchange.datagramChallenge();
      const cut = type3.subarray(0, length);
      try {
        expect(exchange.prove(cut, exchange.read(cut), ntHash('Passw0rd!'))).toBeUndefined();
      } catch (error) {
        expect(error).toMatchObject({ code: 'NTLM_MALFORMED' });
      }
    }
  });

  test('fields that point out of the message, names that are too long, other types and OEM names are refused', () => {
    const at = (offset: number, value: number): Buffer => {
      const copy = Buffer.from(type3);
      copy.writeUInt32LE(value, offset);
      return copy;
    };
    for (const bad of [
      at(24, 100_000),
      at(24, 4),
      at(36, 0xffff_ffff),
      at(8, 2),
      at(60, type3.readUInt32LE(60) & ~1),
      Buffer.alloc(9000),
    ]) {
      expect(() => decodeAuthenticate(bad)).toThrow(expect.objectContaining({ code: 'NTLM_MALFORMED' }));
    }
  });

  test('attributes without an end, beyond the end, or too many are refused', () => {
    const info = encodeTargetInfo(TARGET);
    expect(decodeAvPairs(info).get(AV.DNS_DOMAIN_NAME)?.toString('utf16le')).toBe('example.com');
    for (const bad of [info.subarray(0, -4), info.subarray(0, 10), Buffer.concat(Array.from({ length: 40 }, () => hex('01000000')))]) {
      expect(() => decodeAvPairs(bad)).toThrow(expect.objectContaining({ code: 'NTLM_MALFORMED' }));
    }
  });

  test('an NTLMv1 response is not even looked at', () => {
    const v1 = Buffer.from(type3);
    v1.writeUInt16LE(24, 20);
    const exchange = new NtlmServerExchange(TARGET, CHALLENGE);
    exchange.datagramChallenge();
    expect(exchange.read(v1).response).toBeUndefined();
    expect(exchange.prove(v1, exchange.read(v1), ntHash('Passw0rd!'))).toBeUndefined();
  });

  test('the MIC of a datagram exchange covers the two messages that there are', () => {
    const exchange = new NtlmServerExchange(TARGET, CHALLENGE);
    const type2 = exchange.datagramChallenge();
    const key = exchange.prove(type3, exchange.read(type3), ntHash('Passw0rd!'));
    expect(key).toHaveLength(16);
    const zeroed = Buffer.from(type3).fill(0, 72, 88);
    expect(messageIntegrityCode(key as Buffer, type2, zeroed)).toEqual(type3.subarray(72, 88));
  });
});
