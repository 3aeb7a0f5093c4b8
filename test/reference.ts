/** A fixture of `test/golden` for a test; a damaged one throws. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { type Fixture, readFixture } from './parity/fixture'

export const GOLDEN = join(__dirname, 'golden')

/** The fixture of this name, its JSON taken to be what `T` says. */
export const reference = <T>(name: string): Fixture & { readonly json: T } => {
  const fixture = readFixture(GOLDEN, name)
  if (E.isLeft(fixture)) throw new Error(fixture.left)
  return fixture.right as Fixture & { readonly json: T }
}
