import { defineConfig } from 'vitest/config';

/** One copy of graphql for all: Apollo loads its CommonJS build, and two copies do not know each other's types. */
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          globalSetup: 'test/skipped-suites.ts',
          include: ['test/**/*.spec.ts'],
          exclude: ['test/lab/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.spec.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { concurrent: false },
        },
      },
    ],
  },
});
