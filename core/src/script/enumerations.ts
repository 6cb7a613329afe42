/** MSPL's enumerations. Sheet mspl 4.7. */
import { ENUMERATION_DOCS, memberDoc } from './object-docs.ts';
import { STANDARD_HEADERS } from './standard-headers.ts';

/** A set of named numbers; each also has the text by which it compares with strings. */
export class Enumeration {
  private readonly values = new Map<string, number>();
  private readonly texts = new Map<number, string>();
  private readonly byText = new Map<string, number>();

  /**
   * @param members name, number, and the text when it is not the name
   * @param otherwise the number for a text that none of the members has
   */
  constructor(
    readonly name: string,
    members: readonly (readonly [name: string, value: number, text?: string])[],
    private readonly otherwise = -1,
  ) {
    for (const [member, value, text = member] of members) {
      this.values.set(member, value);
      this.texts.set(value, text);
      this.byText.set(text, value);
    }
  }

  get members(): readonly string[] {
    return [...this.values.keys()];
  }

  /** What it is for, in a sentence or two. */
  get doc(): string {
    return ENUMERATION_DOCS[this.name]?.doc ?? '';
  }

  /** One sentence on a member; '' for a name that is none. */
  memberDoc(member: string): string {
    const value = this.values.get(member);
    return value === undefined ? '' : memberDoc(this.name, member, this.text(value));
  }

  /** The number of a member; undefined if there is none of that name. */
  value(member: string): number | undefined {
    return this.values.get(member);
  }

  /** The text of a number: a method name, a header name, or the member's own name; '' for a number that is none. */
  text(value: number): string {
    return this.texts.get(value) ?? '';
  }

  /** The number of a text. */
  valueOf(text: string): number {
    return this.byText.get(text) ?? this.otherwise;
  }
}

function counted(name: string, members: string): Enumeration {
  return new Enumeration(
    name,
    members.split(' ').map((member, index) => [member, index] as const),
  );
}

/** Numbers are the bits of RegistrarEndpoint.StandardMethods. Every method without one is NonStandard. */
export const STANDARD_METHOD = new Enumeration(
  'StandardMethod',
  [
    ['NonStandard', 0],
    ['Register', 0x1, 'REGISTER'],
    ['Subscribe', 0x2, 'SUBSCRIBE'],
    ['Notify', 0x4, 'NOTIFY'],
    ['Ack', 0x8, 'ACK'],
    ['Bye', 0x10, 'BYE'],
    ['Cancel', 0x20, 'CANCEL'],
    ['Invite', 0x40, 'INVITE'],
    ['Options', 0x80, 'OPTIONS'],
    ['Message', 0x100, 'MESSAGE'],
    ['Service', 0x400, 'SERVICE'],
    ['Info', 0x800, 'INFO'],
    ['Refer', 0x1000, 'REFER'],
    ['BENotify', 0x2000, 'BENOTIFY'],
  ],
  0,
);

const STATUS_CLASS = new Enumeration(
  'StatusClass',
  [1, 2, 3, 4, 5, 6].map((digit) => [`_${digit}xx`, digit * 100, `${digit}xx`] as const),
);

/** Numbers are the place in the list; texts the wire name of the header. */
export const STANDARD_HEADER = new Enumeration(
  'StandardHeader',
  STANDARD_HEADERS.map(([member, header], index) => [member, index, header] as const),
);

export const MESSAGE_ORIGIN = counted('MessageOrigin', 'NetworkUnknown NetworkInternal NetworkExternal LocalMachine');
export const EXTERNAL_SOURCE_TYPE = counted(
  'ExternalSourceType',
  'Unknown InternetUser ForwardingProxy DirectPartner ClearingHouse AccessProxy AuthorizedServer AutoFed',
);
export const EXTERNAL_SOURCE_NETWORK = counted('ExternalSourceNetwork', 'Unknown PublicCloud Federation');
export const SERVER_ROLE = counted('ServerRole', 'AccessProxy FrontEnd HomeServer Proxy');
export const CLUSTER_TYPE = counted('ClusterType', 'PrimaryRegistrar BackupRegistrar UserServices');
/** Members of the enumeration UserOption, by their values. */
export const USER_OPTION = counted(
  'UserOption',
  'RccEnabled UcEnabled DualModeEnabled NoAudioVideo PublicCloud Federation OutsideAccess RpAllowed',
);

/** Every enumeration by its name in scripts. */
export const ENUMERATIONS: ReadonlyMap<string, Enumeration> = new Map(
  [
    STANDARD_METHOD,
    STATUS_CLASS,
    STANDARD_HEADER,
    MESSAGE_ORIGIN,
    EXTERNAL_SOURCE_TYPE,
    EXTERNAL_SOURCE_NETWORK,
    SERVER_ROLE,
    CLUSTER_TYPE,
    USER_OPTION,
    counted('UserPolicyType', 'Meeting UC'),
  ].map((enumeration) => [enumeration.name, enumeration]),
);
