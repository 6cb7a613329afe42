/** What endpoints are made from, and what they stand in. */
import type { Address, ParleyError, SipMessage, TransportName } from '@parley/core';
import type { WireMessage } from '../conversation.ts';
import { TestkitErrors } from '../errors.ts';
import type { VirtualNetwork } from '../network/virtual-network.ts';
import type { SignIn, SignInMechanism, SignInOptions } from '../sign-in/sign-in.ts';
import type { Timeline } from '../timeline.ts';
import type { Parts } from './dialog.ts';

/** How an endpoint differs from the usual one. Everything may be left out. */
export interface EndpointOptions {
  /** The user whose endpoint it is, when it is not called like the user. */
  readonly user?: string;
  /** Default `tls`. */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** Names the endpoint in From, as clients of this family do; gives it an instance, too. [MS-SIPRE] section 3.1 */
  readonly epid?: string;
  /** UUID of `+sip.instance`. RFC 5626 */
  readonly instance?: string;
  /** IPv4 address; one of 192.0.2.0/24 when left out. */
  readonly address?: string;
  /** What it answers challenges with; that of its user when left out. `false`: challenges are for the test to see. */
  readonly password?: string | false;
  /** How it signs in; nobody vouches for it then. By digest when left out, if it has a password. */
  readonly signIn?: SignInMechanism | SignInOptions;
  /** False: nobody vouches for it, when the server believes its endpoints. */
  readonly trusted?: boolean;
  readonly userAgent?: string;
  /** `nothing`: BYE and NOTIFY of its dialogs are for the test to answer. Default `dialogs`. */
  readonly answers?: 'dialogs' | 'nothing';
}

/** What an endpoint stands in. */
export interface EndpointPlace {
  readonly timeline: Timeline;
  readonly network: VirtualNetwork;
  readonly server: Address;
  readonly host: string;
  readonly domain: string;
  readonly transport: TransportName;
  readonly signIn: SignIn | undefined;
  /** Everything that has come to it, in order. */
  readonly heard: () => readonly WireMessage[];
  /** Listens at its standard port. */
  readonly listens: boolean;
  /** The error of an expectation that was not met. */
  unexpected(who: string, expected: string, heard: string): ParleyError;
  notQuiet(who: string, heard: string): ParleyError;
  /** Fails the test: a message of the server is not to be believed. */
  distrust(who: string, message: SipMessage, why: string): void;
}

/** What a request has besides its method and where it goes. */
export interface RequestParts extends Parts {
  /** From, without a tag: `<sip:alice@example.com>`. */
  readonly from?: string;
  /** To; the Request-URI in angle brackets when left out. */
  readonly to?: string;
  readonly callId?: string;
}

/** @internal the transport of an endpoint's options */
export function transportOf(options: EndpointOptions, usual: 'udp' | 'tcp' | 'tls' = 'tls'): TransportName {
  return (options.transport ?? usual).toUpperCase() as TransportName;
}

/** @internal refuses two endpoints of one name */
export function checkName(name: string, taken: ReadonlyMap<string, unknown>): void {
  if (taken.has(name)) throw TestkitErrors.TESTKIT_NAME_TAKEN({ name });
}
