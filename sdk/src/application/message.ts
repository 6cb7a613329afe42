/** Messages as an application sees them. */
import { Headers } from './headers.ts';
import type { WireChanges, WireRequest, WireResponse } from './protocol.ts';

abstract class ApplicationMessage {
  readonly headers: Headers;
  private bytes: Buffer;
  private replaced: { readonly contentType: string | undefined } | undefined;

  constructor({ headers, body = '' }: Pick<WireRequest, 'headers' | 'body'>) {
    this.headers = new Headers(headers);
    this.bytes = Buffer.from(body, 'base64');
  }

  /** The body's bytes; none without one, or when the script has set MarshalContent to false. */
  get body(): Buffer {
    return this.bytes;
  }

  /** The body as text. */
  get text(): string {
    return this.bytes.toString('utf8');
  }

  /** Puts another body in; Content-Length follows. @param contentType the one that is there when left out */
  setBody(body: Buffer | string, contentType?: string): void {
    this.bytes = Buffer.from(body);
    this.replaced = { contentType };
  }

  /** What has been changed; undefined when nothing has. */
  changes(): WireChanges | undefined {
    const headers = this.headers.changes();
    const { replaced } = this;
    if (headers.length === 0 && replaced === undefined) return undefined;
    return {
      ...(headers.length === 0 ? {} : { headers }),
      ...(replaced === undefined ? {} : { body: this.bytes.toString('base64') }),
      ...(replaced?.contentType === undefined ? {} : { contentType: replaced.contentType }),
    };
  }
}

/** A request. What is changed before it is sent on goes with it. */
export class ApplicationRequest extends ApplicationMessage {
  readonly method: string;
  /** The Request-URI; another one is where the request goes. */
  uri: string;
  private readonly ownUri: string;

  constructor(wire: WireRequest) {
    super(wire);
    this.method = wire.method;
    this.uri = wire.uri;
    this.ownUri = wire.uri;
  }

  override changes(): WireChanges | undefined {
    const others = super.changes();
    return this.uri === this.ownUri ? others : { ...others, uri: this.uri };
  }
}

/** A response on its way back. What is changed before it is passed goes with it. */
export class ApplicationResponse extends ApplicationMessage {
  readonly status: number;
  readonly reason: string;

  constructor(wire: WireResponse) {
    super(wire);
    this.status = wire.status;
    this.reason = wire.reason;
  }
}
