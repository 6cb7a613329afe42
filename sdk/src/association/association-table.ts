/** The established associations of one mechanism. [MS-SIPAE] R8, R17, R18. */
import type { Flow } from '@parley/core';
import { FlowAssociations } from './flow-associations.ts';
import { SecurityAssociation } from './security-association.ts';
import type { AssociationStart } from './security-association.ts';

/** Longest life; clients begin anew five minutes before. [MS-SIPAE] R17 */
export const ASSOCIATION_MS = 8 * 60 * 60 * 1000;

export class AssociationTable {
  private readonly byOpaque = new Map<string, SecurityAssociation>();

  get size(): number {
    return this.byOpaque.size;
  }

  /** Whether an opaque is taken. */
  has(opaque: string): boolean {
    return this.byOpaque.has(opaque);
  }

  /** Begins an association, and ends what the endpoint had on this connection. */
  establish(start: Omit<AssociationStart, 'expiresAt' | 'released'>, now: number, expiresAt = Infinity): SecurityAssociation {
    const association = new SecurityAssociation({
      ...start,
      expiresAt: Math.min(expiresAt, now + ASSOCIATION_MS),
      released: ({ opaque }) => void this.byOpaque.delete(opaque),
    });
    FlowAssociations.add(association);
    this.byOpaque.set(association.opaque, association);
    return association;
  }

  /** That of an opaque on this connection: a message signed for another connection is signed for another association. */
  find(opaque: string, flow: Flow): SecurityAssociation | undefined {
    const association = this.byOpaque.get(opaque);
    return association?.flow === flow ? association : undefined;
  }

  /** Nothing that these clients sign counts from now on; they can still be told why. Returns how many there were. */
  endWhere(condition: (association: SecurityAssociation) => boolean): number {
    let count = 0;
    for (const association of this.byOpaque.values()) {
      if (association.ended || !condition(association)) continue;
      association.ended = true;
      count++;
    }
    return count;
  }
}
