/** A routing script and its tables off the disk, on their way into a store. */
import { basename } from 'node:path';
import { FILE_SYSTEM, compileApplication, formatDiagnostic } from '../script/index.ts';
import { tablePath } from './stored-script.ts';
import type { SentBundle } from './stored-script.ts';
import { ServerErrors } from './sip-server-errors.ts';

/**
 * Reads the tables that a manifest names; a script with faults is refused here already, as its tables are only known once it is read.
 * @param path of the manifest, absolute: tables are looked for beside it
 * @param lenient mend the known faults of published manifests
 * @throws HOST_SCRIPTS_UNFIT with every fault and its place
 */
export function packScript(text: string, path: string, lenient: boolean): SentBundle {
  const texts = new Map<string, string>();
  const read = (file: string): string => {
    const table = FILE_SYSTEM.read(file);
    texts.set(file, table);
    return table;
  };
  const compiled = compileApplication(text, path, { lenient, files: { read, watch: () => () => undefined } });
  if (!compiled.ok) {
    const list = compiled.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, text)).join('\n');
    throw ServerErrors.HOST_SCRIPTS_UNFIT({ list });
  }
  const { manifest } = compiled.application;
  compiled.application.close();
  const tables = manifest.files.map((file) => ({ path: file.path, text: texts.get(tablePath(path, file.path)) ?? '' }));
  return { file: basename(path), text, tables };
}
