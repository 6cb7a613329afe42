/** Namespaces and content types of presence. [MS-PRES] sections 2.2.2 and 2.2.3; RFC 3863, 4480, 4662. */

/** Namespaces of what is sent and read, by what they are of. */
export const NAMESPACES = {
  /** Of lists of LCS 2005. */
  adhocList: 'urn:ietf:params:xml:ns:adrl',
  alerts: 'http://schemas.microsoft.com/2006/09/sip/options/alerts',
  batchSubscribe: 'http://schemas.microsoft.com/2006/01/sip/batch-subscribe',
  calendarData: 'http://schemas.microsoft.com/2006/09/sip/calendarData',
  categories: 'http://schemas.microsoft.com/2006/09/sip/categories',
  categoryList: 'http://schemas.microsoft.com/2006/09/sip/categorylist',
  contactCard: 'http://schemas.microsoft.com/2006/09/sip/contactcard',
  containers: 'http://schemas.microsoft.com/2006/09/sip/container-management',
  delegates: 'http://schemas.microsoft.com/2006/09/sip/delegate-management',
  device: 'http://schemas.microsoft.com/2006/09/sip/device',
  fault: 'http://schemas.microsoft.com/2006/09/sip/error-fault',
  mwi: 'http://schemas.microsoft.com/2006/09/sip/mwi',
  note: 'http://schemas.microsoft.com/2006/09/sip/note',
  otherOptions: 'http://schemas.microsoft.com/2006/09/sip/options/otherOptions',
  rccOptions: 'http://schemas.microsoft.com/2006/09/sip/options/rccOptions',
  publish: 'http://schemas.microsoft.com/2006/09/sip/rich-presence',
  roamingSelf: 'http://schemas.microsoft.com/2006/09/sip/roaming-self',
  /** As all samples have it; see `routing2006`. */
  routing: 'http://schemas.microsoft.com/02/2006/sip/routing',
  /** As the tables of elements have it. */
  routing2006: 'http://schemas.microsoft.com/2006/09/sip/routing',
  services: 'http://schemas.microsoft.com/2006/09/sip/service',
  /** Of SOAP operations. */
  sipService: 'http://schemas.microsoft.com/winrtc/2002/11/sip',
  state: 'http://schemas.microsoft.com/2006/09/sip/state',
  subscribers: 'http://schemas.microsoft.com/2006/09/sip/presence-subscribers',
  userInformation: 'http://schemas.microsoft.com/2006/09/sip/options/userInformation',
  pidf: 'urn:ietf:params:xml:ns:pidf',
  pidfDataModel: 'urn:ietf:params:xml:ns:pidf:data-model',
  rpid: 'urn:ietf:params:xml:ns:pidf:rpid',
  rlmi: 'urn:ietf:params:xml:ns:rlmi',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
} as const;

/** Content types; compared without regard to case. */
export const CONTENT_TYPES = {
  publish: 'application/msrtc-category-publish+xml',
  setContainerMembers: 'application/msrtc-setcontainermembers+xml',
  setSubscribers: 'application/msrtc-presence-setsubscriber+xml',
  setDelegates: 'application/msrtc-setdelegate+xml',
  soap: 'application/soap+xml',
  roamingSelf: 'application/vnd-microsoft-roaming-self+xml',
  batchSubscribe: 'application/msrtc-adrl-categorylist+xml',
  adhocList: 'application/adrl+xml',
  categories: 'application/msrtc-event-categories+xml',
  rlmi: 'application/rlmi+xml',
  fault: 'application/msrtc-fault+xml',
  pidf: 'application/pidf+xml',
  /** What clients of this family expect PIDF to be called in a NOTIFY. */
  textPidf: 'text/xml+pidf',
  msrtcPidf: 'text/xml+msrtc.pidf',
  pendingWatchers: 'text/xml+msrtc.wpending',
} as const;
