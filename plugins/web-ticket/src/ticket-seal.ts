/** What a ticket says to this server alone: whose it is and its proof key. AES-256-GCM, NIST SP 800-38D. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** The sealed part of a ticket. */
export interface TicketSecrets {
  /** Of the directory: addresses are given to others one day, ids never. */
  readonly userId: string;
  /** When the password was set that the ticket was got with; milliseconds since 1970. */
  readonly passwordChangedAt: number | null;
  /** Undefined in tickets that need no proof. */
  readonly proofKey: Buffer | undefined;
}

interface Written {
  readonly u: string;
  readonly p: number | null;
  readonly k?: string;
}

/** Seals for one ticket: moved to another one, it does not open. */
export class TicketSeal {
  /** @param key 32 secret bytes */
  constructor(private readonly key: Buffer) {}

  /** Base64 of nonce, ciphertext and tag. @param ticketId AssertionID */
  seal({ userId, passwordChangedAt, proofKey }: TicketSecrets, ticketId: string): string {
    const written: Written = { u: userId, p: passwordChangedAt, ...(proofKey === undefined ? {} : { k: proofKey.toString('base64') }) };
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(ticketId));
    return Buffer.concat([iv, cipher.update(JSON.stringify(written), 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }

  /** What was sealed for this ticket; undefined when it was not, or not with this key. */
  open(sealed: string, ticketId: string): TicketSecrets | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    const tagAt = bytes.length - TAG_BYTES;
    if (tagAt < IV_BYTES) return undefined;
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(ticketId)).setAuthTag(bytes.subarray(tagAt));
    let text: string;
    try {
      text = decipher.update(bytes.subarray(IV_BYTES, tagAt), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined; // the only thing that final() throws for is a tag that does not fit
    }
    // Authentic, so it has the form that seal() wrote.
    const { u, p, k } = JSON.parse(text) as Written;
    return { userId: u, passwordChangedAt: p, proofKey: k === undefined ? undefined : Buffer.from(k, 'base64') };
  }
}
