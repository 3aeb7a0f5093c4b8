import * as E from 'fp-ts/Either'
import { expect, it, vi } from 'vitest'
import { missing } from '../../src/base/failure'
import { decodePicture } from '../../src/io/decode'

// As if the package were not installed for this kind of machine.
vi.mock('sharp', () => ({
  get default() {
    throw new Error('Could not load the "sharp" module\nPossible solutions: …')
  },
}))

it('tells a missing decoder from a damaged picture', async () => {
  const picture = Uint8Array.of(1)
  expect(await decodePicture(picture, { channels: 3 })).toEqual(
    E.left(
      missing(
        'sharp, the package that decodes pictures, cannot be loaded: Could not load the "sharp" module',
        'npm install sharp, on a machine of the same kind as this one',
      ),
    ),
  )
})
