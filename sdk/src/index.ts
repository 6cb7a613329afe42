export * from '@parley/core';
