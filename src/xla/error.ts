/** What a plugin, or what calls it, says is wrong. Nothing here loads a plugin. */
import { printable } from '../base/printable'

/** PJRT_Error_Code, which are those of abseil's statuses; the place in the list is the number. */
const CODES = [
  ...['ok', 'cancelled', 'unknown', 'invalid argument', 'deadline exceeded', 'not found', 'already exists'],
  ...['permission denied', 'resource exhausted', 'failed precondition', 'aborted', 'out of range', 'unimplemented'],
  ...['internal', 'unavailable', 'data loss', 'unauthenticated'],
] as const

export type XlaErrorCode = (typeof CODES)[number]

export const numberOf = (code: XlaErrorCode): number => CODES.indexOf(code)

export const errorCodeOf = (code: number): XlaErrorCode => CODES[code] ?? 'unknown'

export class XlaError extends Error {
  override readonly name = 'XlaError'
  /** What the plugin says besides the first line: where in a program, which allocations. Empty where it says nothing more. */
  readonly details: string

  /** `said` is a text of any length, whose first line tells what is wrong. */
  constructor(
    readonly code: XlaErrorCode,
    said: string,
  ) {
    const [first, ...rest] = said.trim().split('\n')
    super(printable(first!))
    this.details = rest.join('\n')
  }
}
