/**
 * Text that comes from elsewhere (names of files, classes and ops, messages with them), made fit for a terminal: characters
 * that would do something there are written as JSON writes them. Those are control characters (ESC, BEL, line ends), which can
 * colour, erase and forge lines, and those that turn the direction of text (U+202E), which can hide what a name is.
 */

const ACTING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

const escaped = (char: string): string =>
  ({ '\n': '\\n', '\t': '\\t', '\r': '\\r' })[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A text as one line of characters that are all seen. */
export const printable = (text: string): string => text.replace(ACTING, escaped)

/** The same of each line of a text. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')
