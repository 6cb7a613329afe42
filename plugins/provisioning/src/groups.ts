/** The provisioning groups: how each is written, and what it says when nobody says anything else. [MS-SIPREGE] sections 2.2.2.5 and 5. */
import type { ProvisioningGroup, ProvisioningValues } from './api.ts';

/**
 * `elements`: an element a setting. `instance`: `<instance><property name="..">`. `properties`: `<propertyEntryList><property name="..">`.
 * `markup`: elements that plugins bring; operators set nothing there.
 */
export type GroupForm = 'elements' | 'instance' | 'properties' | 'markup';

/** Every group, in the order in which a client that names none gets them. */
export const GROUP_FORMS: Readonly<Record<ProvisioningGroup, GroupForm>> = {
  ServerConfiguration: 'elements',
  meetingPolicy: 'instance',
  ucPolicy: 'instance',
  publicationGrammar: 'markup',
  userSetting: 'elements',
  endpointConfiguration: 'properties',
  locationPolicy: 'properties',
  mediaConfiguration: 'properties',
  presencePolicyV2: 'properties',
  persistentChatConfiguration: 'properties',
  privacyPublicationGrammar: 'markup',
  publicProviders: 'markup',
};

/** All groups. */
export const GROUPS = Object.keys(GROUP_FORMS) as readonly ProvisioningGroup[];

/** Those whose settings an operator may set. */
export const SETTABLE_GROUPS: readonly ProvisioningGroup[] = GROUPS.filter((group) => GROUP_FORMS[group] !== 'markup');

/** The group of that name, in any case; undefined when there is none. */
export function groupNamed(name: string): ProvisioningGroup | undefined {
  const lower = name.toLowerCase();
  return GROUPS.find((group) => group.toLowerCase() === lower);
}

/** Names of elements and properties. */
export const SETTING_NAME = /^[A-Za-z_][\w.-]{0,63}$/;
/** Longest value, in characters. */
export const MAX_VALUE_LENGTH = 2048;

/**
 * What clients are told unless a plugin or the operator says otherwise. A Communicator that misses ucPC2PCAVEncryption or
 * ucPortRangeEnabled guesses badly, so both are always there; addresses of services come from the plugins that run them.
 */
export const DEFAULTS: Readonly<Record<ProvisioningGroup, ProvisioningValues>> = {
  ServerConfiguration: {
    ucPC2PCAVEncryption: 'SupportEncryption',
    ucPortRangeEnabled: 'false',
    qosEnabled: 'false',
    dlxEnabled: 'false',
    absWebServiceEnabled: 'false',
    updatesServerEnabled: 'false',
    ucEnableSIPSecurityMode: 'High',
    ucEnforcePinLock: 'true',
    ucMinPinLength: '6',
    ucPhoneTimeout: '10',
    ucExchangeMWIPoll: '3',
    ucVoice802_1p: '0',
    ucDiffServVoice: '40',
    ucMinSipDynamicPort: '7100',
    ucMaxSipDynamicPort: '7102',
    ucMaxVideoRateAllowed: 'Hd720p-1.5M',
    ucEnableUserLogging: 'false',
    enableBWPolicyCheck: 'false',
  },
  meetingPolicy: {
    MeetingSize: '250',
    AllowIPAudio: 'true',
    AllowIPVideo: 'true',
    EnableP2PVideo: 'true',
    EnableP2PFileTransfer: 'true',
    AllowFileTransfer: 'true',
    EnableDataCollaboration: 'true',
    EnableAppDesktopSharing: 'true',
    AllowedAppDesktopSharingLevel: 'Desktop',
    AllowParticipantControl: 'true',
    AllowExternalUserControl: 'false',
    AllowAnonymousParticipants: 'true',
    EnablePSTNConferencing: 'false',
    AllowRecording: 'false',
    AllowPolls: 'true',
    AllowAnnotations: 'true',
    VideoBitRate: '2000',
    AudioBitRate: '200',
    AppSharingBitRate: '50000',
    FileTransferBitRate: '2000',
    MaxConferenceVideoResolution: 'VGA',
  },
  ucPolicy: {
    AllowCallForwarding: 'true',
    AllowSimultaneousRinging: 'true',
    EnableCallTransfer: 'true',
    EnableTeamCall: 'true',
    EnableDelegation: 'true',
    EnableCallPark: 'false',
    EnableBWPolicyOverride: 'false',
    EnableMaliciousCallTrace: 'false',
  },
  publicationGrammar: {},
  userSetting: { disableFileTransfer: 'false', ucUserLocationProfile: '' },
  endpointConfiguration: {
    AbsUsage: 'WebSearchOnly',
    PhotoUsage: 'AllPhotos',
    MaxPhotoSizeKB: '30',
    ShowRecentContacts: 'true',
    ShowManagePrivacyRelationships: 'false',
    SearchPrefixFlags: '127',
    P2PAppSharingEncryption: '0',
    MaximumDGsAllowedInContactList: '10',
    ExchangeContactStoreAllowed: 'false',
    EnableTracing: 'false',
    DisableMusicOnHold: 'false',
  },
  locationPolicy: { EnhancedEmergencyServicesEnabled: 'false' },
  mediaConfiguration: { bypassEnabled: 'false', internalBypassMode: 'Off', externalBypassMode: 'Off' },
  presencePolicyV2: {
    EnablePrivacyMode: 'false',
    EnableLocationPrompt: 'false',
    AutoInitiateContacts: 'false',
    PublishLocationDataDefault: 'false',
    DisplayPublishedPhotoDefault: 'true',
    PersonalNoteHistoryDepth: '0',
  },
  persistentChatConfiguration: { EnablePersistentChat: 'false' },
  privacyPublicationGrammar: {},
  publicProviders: {},
};

/** Settings that clients need even when they are empty: the schema of the group demands them. */
export const DEMANDED: ReadonlySet<string> = new Set(['disableFileTransfer', 'ucUserLocationProfile']);
