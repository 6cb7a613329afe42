/** `npm run docs`: builds the site of the documentation into docs/site and checks its links. */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSite } from './build.ts';
import { brokenLinks } from './check-links.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = join(root, 'docs', 'site');

const { pages, findings } = await buildSite(root, output);
const broken = brokenLinks(output);
for (const link of broken) console.error(`This link leads nowhere: ${link}`);
console.log(`${pages} pages, ${findings} entries to search.\n\n  ${pathToFileURL(join(output, 'index.html')).href}`);
process.exitCode = broken.length > 0 ? 1 : 0;
