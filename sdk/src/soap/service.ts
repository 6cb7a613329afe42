/** A SOAP service: reads what is posted, finds the operation, and makes an envelope of what it returns or refuses with. */
import { ParleyError } from '@parley/core';
import { Markup, xmlDocument, xmlElement } from '../xml/index.ts';
import type { XmlElement, XmlLimits } from '../xml/index.ts';
import { readEnvelope } from './envelope.ts';
import type { SoapEnvelope } from './envelope.ts';
import { SoapFault, faultElement } from './fault.ts';
import { SOAP_NAMESPACES as NS } from './namespaces.ts';

/** One request for one operation. */
export interface SoapCall<Context> {
  readonly envelope: SoapEnvelope;
  /** The element that names the operation. */
  readonly operation: XmlElement;
  /** What the caller of {@link SoapService.answer} knows of the request: its user, its origin. */
  readonly context: Context;
}

/** One thing that a service does. */
export interface SoapOperation<Context> {
  /** `wsa:Action` of its response, sent to clients that use WS-Addressing. */
  readonly responseAction?: string;
  /** The element for the Body of the response. Throws a {@link SoapFault} to refuse. */
  run(call: SoapCall<Context>): Markup | Promise<Markup>;
}

/** What goes back over HTTP. */
export interface SoapAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What a service is made of. */
export interface SoapServiceOptions<Context> {
  /** By the local name of the element in the Body; namespaces are not looked at, because clients differ in them. */
  readonly operations: Readonly<Record<string, SoapOperation<Context>>>;
  readonly limits?: Partial<XmlLimits>;
  /** Is told of what went wrong inside; the client learns nothing of it. */
  failed(error: unknown): void;
}

const CONTENT_TYPE = 'text/xml; charset=utf-8';

/** Answers requests, whatever they are. */
export class SoapService<Context> {
  private readonly operations: ReadonlyMap<string, SoapOperation<Context>>;

  constructor(private readonly options: SoapServiceOptions<Context>) {
    this.operations = new Map(Object.entries(options.operations));
  }

  /** Never rejects: 200 with the response, 400 for what cannot be read, 500 with a fault (or the status that the fault names). */
  async answer(bytes: Buffer, context: Context): Promise<SoapAnswer> {
    let envelope: SoapEnvelope | undefined;
    try {
      envelope = readEnvelope(bytes, this.options.limits);
      const { operation } = envelope;
      const wanted = this.operations.get(operation.local);
      if (wanted === undefined) throw new SoapFault('soap:Client', `There is no operation ${operation.local.slice(0, 64)} here`);
      const content = await wanted.run({ envelope, operation, context });
      return reply(200, content, envelope.messageId, wanted.responseAction);
    } catch (error) {
      return this.refusal(error, envelope?.messageId);
    }
  }

  private refusal(error: unknown, messageId: string | undefined): SoapAnswer {
    if (error instanceof SoapFault) return reply(error.status, faultElement(error), messageId);
    // XML_* and SOAP_* errors speak of what was sent, in sentences that are made for the sender.
    if (error instanceof ParleyError && error.status !== undefined && error.status < 500) {
      return reply(error.status, faultElement(new SoapFault('soap:Client', error.message)), messageId);
    }
    this.options.failed(error);
    return reply(500, faultElement(new SoapFault('soap:Server', 'The server failed to answer this request')), messageId);
  }
}

/** WS-Addressing headers go only to those who sent some. */
function reply(status: number, content: Markup, messageId: string | undefined, action?: string): SoapAnswer {
  const addressed = messageId !== undefined && messageId !== '';
  const header = xmlElement(
    'soap:Header',
    { 'xmlns:wsa': NS.addressing },
    action === undefined ? undefined : xmlElement('wsa:Action', {}, action),
    addressed ? xmlElement('wsa:RelatesTo', {}, messageId) : undefined,
  );
  const envelope = xmlElement(
    'soap:Envelope',
    { 'xmlns:soap': NS.soap },
    addressed ? header : undefined,
    xmlElement('soap:Body', {}, content),
  );
  return { status, contentType: CONTENT_TYPE, body: xmlDocument(envelope) };
}
