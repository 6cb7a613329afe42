/** One failure as a client reports it. [MS-OCER] sections 3.1.4.1 and 6. */

/** An `error` element. Texts are '' where the client gave none. */
export interface ErrorReport {
  readonly toUri: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly contentType: string;
  /** SIP status, 100..699; 0 where the client gave none. */
  readonly responseCode: number;
  readonly requestType: string;
  /** Values of the diagnostic headers that came with the failure, in order. */
  readonly diagnostics: readonly string[];
  /** Those of the progress reports that came before it, in order. */
  readonly progress: readonly string[];
}

/** What is known of a report besides its content. */
export interface ReportOrigin {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Address of record of who reports, lower case. */
  readonly reporter: string;
  readonly userAgent: string;
}

/** A report as it is kept. */
export interface KeptReport extends ErrorReport, ReportOrigin {
  /** The ErrorId of the first diagnostic header; undefined where there is none. */
  readonly errorId: number | undefined;
  /** The reason of that header. */
  readonly reason: string;
}
