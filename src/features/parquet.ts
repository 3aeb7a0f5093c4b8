/** Parquet: a row a picture with the columns `image`, `name`, `label` and `features`, a list. */
import * as TE from 'fp-ts/TaskEither'
import type { SchemaElement } from 'hyparquet-writer'
import { fileFailure } from '../base/fileFailure'
import { elements } from '../base/shape'
import type { FeatureFormat, Rows } from './format'

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 4 },
  { name: 'image', type: 'INT64', repetition_type: 'REQUIRED' },
  { name: 'name', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'label', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'features', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
]

const writeRows = async ({ chunks, shape, about }: Rows, path: string): Promise<void> => {
  const { fileWriter } = await import('hyparquet-writer')
  const { ParquetWriter } = await import('hyparquet-writer')
  const writer = fileWriter(path)
  const parquet = new ParquetWriter({
    writer,
    schema: SCHEMA,
    kvMetadata: Object.entries({ ...about, shape: shape.join(' × ') }).map(([key, value]) => ({ key, value })),
  })
  const size = elements(shape)
  for await (const { pictures, values } of chunks()) {
    await parquet.write({
      columnData: [
        { name: 'image', data: pictures.map(({ image }) => BigInt(image)) },
        { name: 'name', data: pictures.map(({ name }) => name) },
        { name: 'label', data: pictures.map(({ label }) => label) },
        { name: 'features', data: pictures.map((_, i) => Array.from(values.subarray(i * size, (i + 1) * size))) },
      ],
      rowGroupSize: pictures.length,
    })
  }
  await parquet.finish()
}

export const parquet: FeatureFormat = {
  ending: '.parquet',
  index: false,
  write: (rows, path) => TE.tryCatch(() => writeRows(rows, path), fileFailure(`cannot write ${path}`)),
  usage: (path) => `pandas.read_parquet(${JSON.stringify(path)})`,
}
