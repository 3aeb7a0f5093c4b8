/** Bytes, in parts that follow each other, and as texts. */

export const byteLength = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)

/** All of them in one piece, a copy. */
export const joined = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(byteLength(parts))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Two digits a byte. */
export const hexadecimal = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The bytes of a text in base64. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

/** Letters that are made at once: more arguments than some engines take aren't given. */
const AT_ONCE = 2 ** 13

/** Bytes as a text in base64. */
export const toBase64 = (bytes: Uint8Array): string => {
  const letters = Array.from({ length: Math.ceil(bytes.length / AT_ONCE) }, (_, i) =>
    String.fromCharCode(...bytes.subarray(i * AT_ONCE, (i + 1) * AT_ONCE)),
  )
  return btoa(letters.join(''))
}
