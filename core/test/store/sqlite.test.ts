import { temporaryStore } from '../../src/store/index.ts';
import { storeSuite } from './suite.ts';

storeSuite('SQLite', (clock) => Promise.resolve(temporaryStore(clock)));
