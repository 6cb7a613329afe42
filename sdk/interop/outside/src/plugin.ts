/** Answers messages to the user "greeting". */
import { definePlugin } from '@parley/sdk';
import { z } from 'zod';
import { Greeter } from './greeter.ts';

export default definePlugin({
  name: 'greeting',
  summary: 'Answers greetings',
  config: z.strictObject({ word: z.string().min(1).max(20).default('Hello').describe('What it says') }),
  scripts: ['greeting.am'],
  handler: Greeter,
  root: new URL('..', import.meta.url),
});
