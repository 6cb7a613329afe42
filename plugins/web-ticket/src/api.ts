/** What other plugins may know of web tickets: checking them, asking for them, and where certificates are to be had. [MS-OCAUTHWS] */
import { token } from '@parley/sdk';
import type { SoapEnvelope, Token } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { WebHook, WebRequest } from '@parley/plugin-web/api';

/** A good ticket. */
export interface Ticket {
  /** Enabled at this moment. */
  readonly user: User;
  /** Address of record, `alice@example.com`. */
  readonly aor: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why a ticket is no good; `detail` is for the log. */
export interface TicketFailure {
  readonly failure: 'missing' | 'malformed' | 'signature' | 'audience' | 'expired' | 'user' | 'proof';
  readonly detail: string;
}

/**
 * How a service wants its ticket: `bearer`, or `endorsing`, which proves with each request that the sender has the ticket's key.
 * [MS-OCAUTHWS] section 3.2, R9 and R10.
 */
export type TicketUse = 'bearer' | 'endorsing';

/** A service that takes tickets in SOAP requests, for its metadata and its checks. */
export interface TicketService {
  /** `CertProvisioningService`. */
  readonly name: string;
  /** The WSDL port that clients look for: `CertProvisioningServiceWebTicketProof_SHA1`. */
  readonly portName: string;
  /** Path of the service, from the root: `/CertProv/CertProvisioningService.svc`. Its metadata is at this path followed by `/mex`. */
  readonly path: string;
  /** Path that requests are posted to, from the root; the ticket's audience. */
  readonly portPath: string;
  /** Namespace of the service: targetNamespace of its WSDL. */
  readonly namespace: string;
  readonly use: TicketUse;
}

/** The web ticket service. */
export interface WebTickets {
  /** URL of the web ticket service as the sender of `request` reaches it; for `X-MS-WebTicketURL`. */
  serviceUrl(request: WebRequest): string;
  /** The WSDL of a service, which sends clients to the web ticket service for a ticket. XML. [MS-OCAUTHWS] R1, R2. */
  metadata(service: TicketService, request: WebRequest): string;
  /**
   * Says that tickets for this path (from the root, without query) may be had: the web ticket service refuses other audiences. The
   * function that it returns ends that. {@link metadata} and {@link requireTicket} users call it once, in setup.
   */
  offer(path: string): () => void;
  /** Checks the ticket of a SOAP request. @param service what was asked, whose `portPath` must be the ticket's audience */
  check(envelope: SoapEnvelope, service: TicketService): Ticket | TicketFailure;
  /** Checks the value of an `X-MS-WebTicket` header. @param path the audience, from the root. [MS-OCAUTHWS] R11 */
  checkHeader(value: string | undefined, path: string): Ticket | TicketFailure;
  /**
   * An `onRequest` hook for what is fetched with GET: lets requests with a good `X-MS-WebTicket` for their own path in, and answers others
   * 401 with `X-MS-WebTicketURL` and no other challenge. [MS-OCAUTHWS] R11, [MS-OCDISCWS] R7
   */
  readonly requireTicket: WebHook;
  /** The ticket that {@link requireTicket} found. */
  ticketOf(request: WebRequest): Ticket | undefined;
}
export const WebTickets: Token<WebTickets> = token<WebTickets>('web-tickets');

/** Where clients get the certificates that they sign in with by TLS-DSK. */
export interface CertificateProvisioning {
  /** `sts-uri` of TLS-DSK challenges: `https://host/CertProv/CertProvisioningService.svc`. [MS-OCAUTHWS] section 2 */
  readonly stsUri: string;
}
export const CertificateProvisioning: Token<CertificateProvisioning> = token<CertificateProvisioning>('certificate-provisioning');
