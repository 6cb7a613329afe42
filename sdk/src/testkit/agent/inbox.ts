/** What has come to an endpoint and was not looked at yet. */
import type { SipRequest, SipResponse } from '@parley/core';
import type { TestDialog } from './dialog.ts';
import { isProvisional, mismatch } from './match.ts';
import type { Match, Status } from './match.ts';
import type { Received } from './received.ts';

/** Requests, stray responses, and the dialogs by which requests are sorted. */
export class Inbox {
  private readonly requests: Received[] = [];
  private readonly strays: SipResponse[] = [];
  private lastStray = '';
  private readonly dialogs = new Set<TestDialog>();

  keep(dialog: TestDialog): void {
    this.dialogs.add(dialog);
  }

  /** The dialog that a request belongs to. */
  dialogOf(request: SipRequest): TestDialog | undefined {
    for (const dialog of this.dialogs) if (dialog.has(request)) return dialog;
    return undefined;
  }

  add(received: Received): void {
    this.requests.push(received);
  }

  /** A response that comes again, as over UDP, is one response. */
  addStray(response: SipResponse): void {
    const text = response.toString();
    if (text !== this.lastStray) this.strays.push(response);
    this.lastStray = text;
  }

  /** Takes the first request that fits. */
  take(method: string, match: Match, dialog: TestDialog | undefined): Received | undefined {
    const at = this.requests.findIndex(
      (received) => fitsMethod(received, method, dialog) && mismatch(received.request, match) === undefined,
    );
    return at < 0 ? undefined : this.requests.splice(at, 1)[0];
  }

  takeStray(wanted: Status): SipResponse | undefined {
    for (let first = this.strays.shift(); first !== undefined; first = this.strays.shift()) {
      if (first.status !== 100 && (first.status >= 200 || isProvisional(wanted))) return first;
    }
    return undefined;
  }

  /** The first request that nobody has looked at, in words. ACKs are no news. */
  peek(method: string | undefined): string | undefined {
    const found = this.requests.find((received) => (method === undefined ? received.method !== 'ACK' : received.method === method));
    return found === undefined ? undefined : `${found.method} ${found.request.uri}`;
  }

  /** Why an expected request was not found. */
  describe(method: string, match: Match): string {
    const similar = this.requests.find((received) => received.method === method);
    if (similar !== undefined) return `got one, but ${mismatch(similar.request, match) ?? 'it is of another dialog'}`;
    const others = [...new Set(this.requests.map((received) => received.method))];
    return others.length === 0 ? 'heard nothing more' : `heard only ${others.join(', ')}`;
  }
}

function fitsMethod(received: Received, method: string, dialog: TestDialog | undefined): boolean {
  return received.method === method && (dialog === undefined || received.isOf(dialog));
}
