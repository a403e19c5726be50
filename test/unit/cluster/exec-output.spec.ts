import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutput, lastOfText, OUTPUT_BYTES } from '../../../src/cluster/exec-output.js';

/** Short texts of everything there is, and long ones of characters of two and four bytes. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('ä', '🦊').chain((char) => fc.nat(20_000).map((count) => char.repeat(count))),
);

describe('the output of a command', () => {
  test('is the last 64 KiB of what it wrote, in whatever pieces that came, and no character is halved', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.array(fc.nat(30_000)), (parts, sizes) => {
        const whole = parts.join('');
        const bytes = Buffer.from(whole);
        const output = createOutput();
        let from = 0;
        for (const size of sizes) output.stdout.add(bytes.subarray(from, (from += size)));
        output.stdout.add(bytes.subarray(from));
        const { stdout, stderr } = output.read();
        const kept = Buffer.byteLength(stdout);
        expect(whole.endsWith(stdout)).toBe(true);
        expect(kept).toBeLessThanOrEqual(OUTPUT_BYTES);
        expect(kept).toBeGreaterThan(Math.min(bytes.length, OUTPUT_BYTES) - 4);
        expect(stderr).toBe('');
      }),
    );
  });

  test('may come byte by byte', () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => String(i % 7)).join(''));
    const output = createOutput();
    for (let i = 0; i < bytes.length; i += 1) output.stderr.add(bytes.subarray(i, i + 1));
    expect(output.read().stderr).toBe(bytes.subarray(-OUTPUT_BYTES).toString());
  });

  test('can be read before it is whole', () => {
    const output = createOutput();
    output.stdout.add(Buffer.from('one '));
    expect(output.read().stdout).toBe('one ');
    output.stdout.add(Buffer.from('two'));
    expect(output.read().stdout).toBe('one two');
  });

  test('shows bytes that are no text as replacement characters', () => {
    const output = createOutput();
    output.stdout.add(Buffer.from([0x80, 0x41, 0xff]));
    expect(output.read().stdout).toBe('\ufffdA\ufffd');
  });

  test('of a simulated command is cut like that of a real one', () => {
    expect(lastOfText('ä'.repeat(40_000))).toBe('ä'.repeat(32_768));
    expect(lastOfText(`${'ä'.repeat(40_000)}!`)).toBe(`${'ä'.repeat(32_767)}!`);
  });
});
