/** A plugin as an author might write it: a script that takes what is asked for, and a handler of a few lines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';
import type { PluginSpec, PluginUse } from '@parley/sdk';

/** A manifest that dispatches every request with one of `methods` to `method` of the handler. */
export function script(name: string, methods: string, method: string): string {
  return `<?xml version="1.0"?>
<lc:applicationManifest lc:appUri="http://example.com/${name}" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
  <lc:requestFilter methodNames="${methods}" strictRoute="false" domainSupported="true"/>
  <lc:responseFilter reasonCodes="NONE"/>
  <lc:proxyByDefault action="true"/>
  <lc:splScript><![CDATA[Dispatch("${method}");]]></lc:splScript>
</lc:applicationManifest>
`;
}

/** What is different from a plugin that sees every MESSAGE before the users' own scripts do. */
export interface Authored extends Omit<Partial<PluginSpec>, 'config' | 'name' | 'root'> {
  readonly takes?: string;
  readonly method?: string;
}

/** The plugin, with its script in a folder of its own. */
export function authored(name: string, { takes = 'MESSAGE', method = 'onMessage', ...parts }: Authored = {}): PluginUse {
  const folder = mkdtempSync(join(tmpdir(), 'parley-authored-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, `${name}.am`), script(name, takes, method));
  return definePlugin({
    summary: `The plugin ${name}.`,
    scripts: [{ file: `${name}.am`, priority: 400 }],
    ...parts,
    name,
    config: z.strictObject({}),
    root: pathToFileURL(`${folder}/`),
  })();
}
