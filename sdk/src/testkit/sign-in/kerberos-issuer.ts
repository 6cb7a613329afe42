/** A KDC and a client in one, for tests: makes any token, right or wrong in one respect. RFC 4120 */
import { randomBytes } from 'node:crypto';
import { writeApReq } from '../../kerberos/ap-req.ts';
import { DER, applicationTag } from '../../kerberos/der.ts';
import { der, derField, derInteger, derOctets, derSequence, derTime } from '../../kerberos/der-writer.ts';
import { writeRawKey } from '../../kerberos/encrypted-data.ts';
import { AES256_SHA1 } from '../../kerberos/aes-sha1.ts';
import { KEY_USAGE } from '../../kerberos/enctype.ts';
import type { Enctype } from '../../kerberos/enctype.ts';
import { OID, TOKEN_ID, tokenId, writeFrame, writeOid } from '../../kerberos/gss-token.ts';
import { KerberosKey } from '../../kerberos/kerberos-key.ts';
import { Keytab } from '../../kerberos/keytab.ts';
import { writePrincipalName } from '../../kerberos/principal.ts';
import type { Principal } from '../../kerberos/principal.ts';

/** The realm of names that are given without one. */
export const KERBEROS_REALM = 'EXAMPLE.TEST';
/** The moment at which a token is made that names no time: 2026-11-22 06:00 UTC, in milliseconds since 1970. */
export const KERBEROS_NOW = Date.UTC(2026, 10, 22, 6);
const HOUR = 3_600_000;

/** A user's principal. */
export function kerberosUser(name: string, realm = KERBEROS_REALM): Principal {
  return { type: 1, components: [name], realm };
}

/** A service's principal, from `sip/uc.example.com`. */
export function kerberosService(text: string, realm = KERBEROS_REALM): Principal {
  return { type: 2, components: text.split('/'), realm };
}

/** A key that nobody knows. */
export function randomKerberosKey(enctype: Enctype = AES256_SHA1): KerberosKey {
  return new KerberosKey(enctype, randomBytes(enctype.keyBytes));
}

/** A key as a keytab has it. */
export interface KeytabLine {
  readonly principal: string;
  readonly key: KerberosKey;
  /** Default 2. */
  readonly version?: number;
  /** Default KERBEROS_REALM. */
  readonly realm?: string;
}

/** A keytab with these keys, as it is read from a file. */
export function testKeytab(...entries: readonly KeytabLine[]): Keytab {
  return new Keytab(
    entries.map(({ principal, key, version = 2, realm }) => ({
      principal: kerberosService(principal, realm),
      version,
      enctype: key.enctype.number,
      key,
    })),
  );
}

/** What differs from the usual token. */
export interface KerberosTokenShape {
  readonly service?: Principal;
  readonly client?: Principal;
  /** Whom the authenticator names; the client of the ticket when absent. */
  readonly authenticatorClient?: Principal;
  readonly version?: number | undefined;
  readonly sessionKey?: KerberosKey;
  readonly subkey?: KerberosKey;
  /** Key of the authenticator, when it is not the ticket's session key. */
  readonly authenticatorKey?: KerberosKey;
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly time?: number;
  readonly flags?: number;
  readonly transited?: string;
  readonly wantsMutual?: boolean;
  readonly usesSessionKey?: boolean;
  readonly checksumType?: number | undefined;
  readonly sequence?: number;
}

/** The GSS-API token of an initiator. */
export function kerberosToken(serviceKey: KerberosKey, shape: KerberosTokenShape = {}): Buffer {
  const client = shape.client ?? kerberosUser('alice');
  const sessionKey = shape.sessionKey ?? randomKerberosKey();
  const request = {
    usesSessionKey: shape.usesSessionKey ?? false,
    wantsMutual: shape.wantsMutual ?? false,
    service: shape.service ?? kerberosService('sip/ocs.example.test'),
    ticket: {
      enctype: serviceKey.enctype.number,
      version: 'version' in shape ? shape.version : 2,
      cipher: serviceKey.for(KEY_USAGE.ticket).encrypt(ticketPart(client, sessionKey, shape)),
    },
    authenticator: {
      enctype: sessionKey.enctype.number,
      version: undefined,
      cipher: (shape.authenticatorKey ?? sessionKey)
        .for(KEY_USAGE.apReqAuthenticator)
        .encrypt(authenticator(shape.authenticatorClient ?? client, shape)),
    },
  };
  return writeFrame(OID.kerberos, tokenId(TOKEN_ID.apReq), writeApReq(request));
}

function ticketPart(client: Principal, sessionKey: KerberosKey, shape: KerberosTokenShape): Buffer {
  const flags = Buffer.alloc(5);
  flags.writeUInt32BE(shape.flags ?? 0, 1);
  const transited = derSequence(derField(0, derInteger(1)), derField(1, derOctets(Buffer.from(shape.transited ?? ''))));
  return der(
    applicationTag(3),
    derSequence(
      derField(0, der(DER.bitString, flags)),
      derField(1, writeRawKey({ enctype: sessionKey.enctype.number, bytes: sessionKey.reveal() })),
      derField(2, generalString(client.realm)),
      derField(3, writePrincipalName(client)),
      derField(4, transited),
      derField(5, derTime(shape.startsAt ?? KERBEROS_NOW - HOUR)),
      derField(6, derTime(shape.startsAt ?? KERBEROS_NOW - HOUR)),
      derField(7, derTime(shape.endsAt ?? KERBEROS_NOW + 9 * HOUR)),
      derField(10, derSequence()),
    ),
  );
}

function authenticator(client: Principal, shape: KerberosTokenShape): Buffer {
  const type = 'checksumType' in shape ? shape.checksumType : 0x8003;
  const checksum = Buffer.alloc(24);
  checksum.writeUInt32LE(16);
  checksum.writeUInt32LE(0x20, 20);
  const time = shape.time ?? KERBEROS_NOW;
  const { subkey } = shape;
  return der(
    applicationTag(2),
    derSequence(
      derField(0, derInteger(5)),
      derField(1, generalString(client.realm)),
      derField(2, writePrincipalName(client)),
      ...(type === undefined ? [] : [derField(3, derSequence(derField(0, derInteger(type)), derField(1, derOctets(checksum))))]),
      derField(4, derInteger((time % 1000) * 1000)),
      derField(5, derTime(time)),
      ...(subkey === undefined ? [] : [derField(6, writeRawKey({ enctype: subkey.enctype.number, bytes: subkey.reveal() }))]),
      derField(7, derInteger(shape.sequence ?? 1)),
    ),
  );
}

function generalString(text: string): Buffer {
  return der(DER.generalString, Buffer.from(text));
}

/** A token inside SPNEGO, as browsers wrap it. @param mechanisms object identifiers as in `OID`, the preferred one first. RFC 4178 section 4.2.1 */
export function spnegoToken(mechanisms: readonly string[], token: Buffer | undefined): Buffer {
  const fields = [derField(0, derSequence(...mechanisms.map(writeOid))), ...(token === undefined ? [] : [derField(2, derOctets(token))])];
  return writeFrame(OID.spnego, derField(0, derSequence(...fields)));
}

/** An initiator's MIC token of RFC 4121. */
export function initiatorMic(key: KerberosKey, message: Buffer, sequence = 1): Buffer {
  const header = Buffer.from('040400ffffffffff0000000000000000', 'hex');
  header.writeBigUInt64BE(BigInt(sequence), 8);
  return Buffer.concat([header, key.for(KEY_USAGE.initiatorSign).checksum(message, header)]);
}

/** The bytes of a keytab file with these keys. */
export function writeKeytab(...entries: readonly KeytabLine[]): Buffer {
  const counted = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  const records = testKeytab(...entries).entries.map(({ principal, version, enctype, key }) => {
    const [count, type, tail] = [Buffer.alloc(2), Buffer.alloc(8), Buffer.alloc(3)];
    count.writeUInt16BE(principal.components.length);
    type.writeUInt32BE(principal.type);
    tail[0] = version & 0xff;
    tail.writeUInt16BE(enctype, 1);
    const names = [principal.realm, ...principal.components].map((name) => counted(Buffer.from(name)));
    const record = Buffer.concat([count, ...names, type, tail, counted(key?.reveal() ?? Buffer.alloc(0))]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(record.length);
    return Buffer.concat([size, record]);
  });
  return Buffer.concat([Buffer.from('0502', 'hex'), ...records]);
}
