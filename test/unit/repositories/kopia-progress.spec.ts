import { describe, expect, test } from 'vitest';
import { copyCountOf, restoredBytesOf } from '../../../src/repositories/kopia-progress.js';

describe('what kopia writes about its progress', () => {
  test('tells how much of a copy is done, new, and to come', () => {
    const line =
      '/ 3 hashing, 1023 hashed (1.5 GB), 12 cached (500 MB), uploaded 1.2 GB, estimated 4 GB (50.0%) 3m left';
    expect(copyCountOf(line)).toEqual({ done: 2_000_000_000, moved: 1_500_000_000, total: 4_000_000_000 });
  });

  test('does not know the whole while it is being estimated', () => {
    const line = '* 0 hashing, 1 hashed (7 B), 0 cached (0 B), uploaded 12 B, estimating...';
    expect(copyCountOf(line)).toEqual({ done: 7, moved: 7, total: 0 });
  });

  test.each([
    ['7 B', 7],
    ['1.5 KB', 1_500],
    ['12.3 MB', 12_300_000],
    ['2 GB', 2_000_000_000],
    ['1.1 TB', 1_100_000_000_000],
    ['3 PB', 3_000_000_000_000_000],
  ])('counts %s in units of a thousand', (size, bytes) => {
    expect(copyCountOf(`| 0 hashing, 1 hashed (${size}), 0 cached (0 B), uploaded 0 B`)?.moved).toBe(bytes);
  });

  test('of a unit that nobody knows is nothing, and no wrong number', () => {
    expect(copyCountOf('| 0 hashing, 1 hashed (7 XB), 0 cached (0 B), uploaded 0 B')?.moved).toBe(0);
  });

  test.each(['', 'Snapshotting default@default:/x ...', 'hashed', 'ERROR unable to read'])(
    'is no count: %j',
    (line) => {
      expect(copyCountOf(line)).toBeUndefined();
      expect(restoredBytesOf(line)).toBeUndefined();
    },
  );

  test('tells how much was put back', () => {
    expect(restoredBytesOf('Processed 18 (5.1 MB) of 30 (12 MB) 1.3 MB/s (42.1%) remaining 5s.')).toBe(
      5_100_000,
    );
    expect(restoredBytesOf('Processed 0 (0 B) of 0 (0 B).')).toBe(0);
  });
});
