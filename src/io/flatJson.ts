/**
 * The entries of a large JSON object, one by one: what is no such thing is told at once, and before anything is made of it. JSON.parse
 * would take twenty times the memory of a malicious text.
 */

/** No value within is nested deeper, its own braces counted. */
const DEEPEST = 2

/** Why a text isn't what is expected. */
export class NotFlat extends Error {}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
const opens = (code: number): boolean => code === 0x7b || code === 0x5b
const closes = (code: number): boolean => code === 0x7d || code === 0x5d

/** Keys and the texts of their values. Throws `NotFlat` where the text is no object, or nested too deep. */
export function* entriesOfObject(text: string): Generator<readonly [key: string, value: string]> {
  let at = 0
  const skip = (): number => {
    while (isBlank(text.charCodeAt(at))) at++
    return text.charCodeAt(at)
  }
  const fail = (): never => {
    throw new NotFlat(at >= text.length ? 'it ends too early' : `there is something else at byte ${at}`)
  }
  /** Goes behind the text between quotes that begins here. */
  const string = (): void => {
    for (at++; text.charCodeAt(at) !== QUOTE; at++) {
      if (at >= text.length) fail()
      if (text.charCodeAt(at) === BACKSLASH) at++
    }
    at++
  }
  /** Goes behind the value that begins here. */
  const value = (): void => {
    const from = at
    let depth = 0
    for (; at < text.length; ) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) {
        string()
        if (depth === 0) return
        continue
      }
      if (opens(code)) {
        depth++
        if (depth > DEEPEST) throw new NotFlat(`it is nested too deep at byte ${at}`)
      } else if (closes(code)) {
        // The end of the object, behind a number.
        if (depth === 0) return
        depth--
        if (depth === 0) {
          at++
          return
        }
      } else if (depth === 0 && (code === COMMA || isBlank(code))) return
      at++
    }
    if (at === from || depth > 0) fail()
  }

  if (skip() !== 0x7b) fail()
  at++
  if (skip() !== 0x7d)
    for (;;) {
      if (skip() !== QUOTE) fail()
      const from = at
      string()
      const key = text.slice(from, at)
      if (skip() !== COLON) fail()
      at++
      skip()
      const begin = at
      value()
      if (at === begin) fail()
      yield [JSON.parse(key) as string, text.slice(begin, at)]
      if (skip() !== COMMA) break
      at++
    }
  if (skip() !== 0x7d) fail()
  at++
  skip()
  if (at < text.length) fail()
}
