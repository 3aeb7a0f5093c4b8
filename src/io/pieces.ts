/**
 * Many pieces of bytes in one file, each to be read by its number.
 *
 * Layout: the pieces, one behind the other; where each of them begins and the last one ends (float64, little-endian); how many they are
 * (float64).
 */
import * as fs from 'node:fs/promises'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileSize, readAt } from './readAt'

const NUMBER = 8

/** Where the pieces of a file begin, and the last one ends: one number more than pieces. */
export type Places = Float64Array

const bytesOf = (numbers: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(NUMBER * numbers.length)
  const view = new DataView(bytes.buffer)
  for (const [i, number] of numbers.entries()) view.setFloat64(NUMBER * i, number, true)
  return bytes
}

/** A piece, in one part or several. */
export type Piece = Uint8Array | readonly Uint8Array[]

const partsOf = (piece: Piece): readonly Uint8Array[] => (piece instanceof Uint8Array ? [piece] : piece)

/** Writes a new file of all pieces that come, one after the other. */
export const writePieces = async (path: string, pieces: AsyncIterable<Piece>): Promise<void> => {
  const file = await fs.open(path, 'wx')
  try {
    const places = [0]
    for await (const piece of pieces) {
      let end = places[places.length - 1]!
      for (const part of partsOf(piece)) {
        await file.writeFile(part)
        end += part.length
      }
      places.push(end)
    }
    await file.writeFile(bytesOf([...places, places.length - 1]))
  } finally {
    await file.close()
  }
}

const numbersIn = (bytes: Uint8Array): Float64Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: bytes.length / NUMBER }, (_, i) => view.getFloat64(NUMBER * i, true))
}

/** Where the pieces of a file lie that `writePieces` has written. */
export const readPlaces = (path: string): TE.TaskEither<Failure, Places> =>
  pipe(
    fileSize(path, 'the pieces'),
    TE.chain((size) =>
      pipe(
        readAt(path, size - NUMBER, NUMBER),
        TE.chain((bytes) => {
          const length = NUMBER * (numbersIn(bytes)[0]! + 1)
          return readAt(path, size - NUMBER - length, length)
        }),
      ),
    ),
    TE.map(numbersIn),
  )
