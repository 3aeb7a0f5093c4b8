/** No file breaks the reading of it; `npm run torture -- --files N` tries more of them. */
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { formatsIn, tortureFiles, unread } from './files'

const EACH = 500

describe('a damaged file gives a result or a failure, soon, in little memory and without a crash', () => {
  test.each(Object.keys(formatsIn(tmpdir())))(
    '%s',
    async (format) => {
      const faults = await tortureFiles(EACH, 0, [format])
      expect(faults.map(({ number, fault }) => `${number}: ${fault}`)).toEqual([])
    },
    120_000,
  )
})

test('a sound file of each format is read', async () => {
  expect(await unread()).toEqual([])
})
