/** Where clients are sent for their certificate. */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import { CertificateProvisioning } from '@parley/plugin-web-ticket/api';
import type { DskConfig } from './config.ts';
import { DskErrors } from './errors.ts';

/** The configured URL, or that of the plugin that issues certificates. [MS-SIPAE] R3 */
@injectable()
export class StsUri {
  readonly stsUri: string;

  /** Throws DSK_STS_MISSING. */
  constructor(
    @inject(PluginConfig) config: Pick<DskConfig, 'stsUri'>,
    @inject(CertificateProvisioning, { optional: true }) provisioning: CertificateProvisioning | undefined,
  ) {
    const stsUri = config.stsUri ?? provisioning?.stsUri;
    if (stsUri === undefined) throw DskErrors.DSK_STS_MISSING({}, { place: 'stsUri' });
    this.stsUri = stsUri;
  }
}
