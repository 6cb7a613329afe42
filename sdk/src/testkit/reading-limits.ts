/** How large a message may be that an endpoint of a test reads. */
import { DEFAULT_LIMITS } from '@parley/core';
import type { SipLimits } from '@parley/core';

const TEN_MEGABYTES = 10_000_000;

/** Answers may be larger than what a server takes: a thousand contacts with all that they publish. */
export const READING_LIMITS: SipLimits = { ...DEFAULT_LIMITS, maxMessageBytes: TEN_MEGABYTES, maxBodyBytes: TEN_MEGABYTES };
