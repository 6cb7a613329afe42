/** The requests that wait for their answers on one connection, in the order in which they were sent. */

/** What is in the list knows its neighbours, and forgets them when it leaves: see keyed-table.ts for why that matters. */
export interface Waiting<Self> {
  previousWaiting: Self | undefined;
  nextWaiting: Self | undefined;
  isWaiting: boolean;
}

export class WaitingList<Item extends Waiting<Item>> {
  private first: Item | undefined;
  private last: Item | undefined;

  add(item: Item): void {
    item.isWaiting = true;
    item.previousWaiting = this.last;
    if (this.last === undefined) this.first = item;
    else this.last.nextWaiting = item;
    this.last = item;
  }

  /** Nothing happens when it is not in. */
  delete(item: Item): void {
    if (!item.isWaiting) return;
    const { previousWaiting: previous, nextWaiting: next } = item;
    if (previous === undefined) this.first = next;
    else previous.nextWaiting = next;
    if (next === undefined) this.last = previous;
    else next.previousWaiting = previous;
    item.isWaiting = false;
    item.previousWaiting = undefined;
    item.nextWaiting = undefined;
  }

  /** Empties the list; what was in it, in order. */
  takeAll(): Item[] {
    const items: Item[] = [];
    for (let item = this.first; item !== undefined; item = this.first) {
      this.delete(item);
      items.push(item);
    }
    return items;
  }
}
