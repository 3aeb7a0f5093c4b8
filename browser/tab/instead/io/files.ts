/** Files of a tab: those that were dropped, and those of Fashion-MNIST's sample, which lie beside the page. */
import * as TE from 'fp-ts/TaskEither'
import { missing } from '../../../../src/base/failure'
import type * as original from '../../../../src/io/files'
import { beside } from '../../beside'
import { droppedFile, whatIsDropped } from '../../dropped'
import { isSample } from '../../sample'

const isPacked = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Servers unpack some files on their way, others don't. */
const unpacked = async (blob: Blob): Promise<Uint8Array> => {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  if (!isPacked(bytes)) return bytes
  const plain = blob.stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(plain).arrayBuffer())
}

const fetched = async (path: string): Promise<Blob> => {
  const response = await fetch(beside(path))
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
  return response.blob()
}

export const readFile: typeof original.readFile = (path, whatItIs) => {
  const file = droppedFile(path)
  if (file === undefined && !isSample(path))
    return TE.left(missing(`cannot read ${whatItIs} ${path}: ${whatIsDropped()}`, 'Drop the folder that holds it.'))
  return TE.tryCatch(
    async () => unpacked(file ?? (await fetched(path))),
    (error) =>
      missing(
        `cannot read ${whatItIs} ${path}: ${error instanceof Error ? error.message : String(error)}`,
        file === undefined ? 'Load the page again.' : 'Drop the folder again: its files may have changed.',
      ),
  )
}
