import { temporaryStore } from '@parley/sdk';
import { presenceSuite } from './suite.ts';

presenceSuite('SQLite', (clock) => temporaryStore(clock));
