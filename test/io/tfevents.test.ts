/** Event files byte by byte as TensorBoard writes them; tfevents.py writes what is compared with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crc32c, eventMessage, type TfEvent, tfRecord } from '../../src/io/tfevents'

const { records } = JSON.parse(readFileSync(join(__dirname, 'tfevents.json'), 'utf8')) as {
  readonly records: Readonly<Record<string, string>>
}

const EVENTS: Readonly<Record<string, TfEvent>> = {
  begin: { wallTime: 1700000000.25, step: 0, what: 'begin' },
  restart: { wallTime: 1700000001, step: 301, what: 'restart' },
  scalars: {
    wallTime: 1700000002.5,
    step: 123456789012,
    what: [
      { tag: 'loss', scalar: 8.125 },
      { tag: 'größe', scalar: -0.1 },
    ],
  },
  image: { wallTime: 0.5, step: 7, what: [{ tag: 'views', png: Uint8Array.of(137, 80, 78, 71), width: 3, height: 2 }] },
  histogram: {
    wallTime: 0.5,
    step: 7,
    what: [
      {
        tag: 'w',
        histogram: { min: -1.5, max: 4, num: 5, sum: 6.25, sumSquares: 21.5, limits: [-1, 0, 1e308], counts: [2, 0, 3] },
      },
    ],
  },
}

test('every kind of event is written as by TensorBoard', () => {
  expect(Object.keys(records)).toEqual(Object.keys(EVENTS))
  for (const [name, event] of Object.entries(EVENTS))
    expect(Buffer.from(tfRecord(eventMessage(event))).toString('hex'), name).toBe(records[name])
})

test('CRC-32C has its check value, and that of nothing', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(0))).toBe(0)
})
