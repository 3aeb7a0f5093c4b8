/** Values of fewer than 8 bits, several in a byte, the first one in the highest bits. */

/** Puts `count` values of 1, 2 or 4 bits, which begin at a byte, from `at` on; each times `scale`. */
export const unpackBits = (
  bytes: Uint8Array,
  from: number,
  bits: number,
  count: number,
  target: Uint8Array,
  at: number,
  scale = 1,
): void => {
  const mask = (1 << bits) - 1
  const perByte = 8 / bits
  for (let i = 0; i < count; i++) {
    const byte = bytes[from + Math.floor(i / perByte)]!
    target[at + i] = ((byte >> (8 - bits - bits * (i % perByte))) & mask) * scale
  }
}
