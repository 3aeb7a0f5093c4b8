import { define } from '../../dsl/op'
import { list, maybe, oneOrMore, optional, required, text } from '../../dsl/type'
import { parquetSource } from '../../io/parquet'
import { decoding, source } from './kind'

export const parquet = define(source)({
  name: 'parquet',
  doc: "Pictures in Parquet files, as Hugging Face's datasets library writes them: a column with bytes, paths or both, and one with labels. Bytes are unpacked into the cache first, once, which takes as much room as the pictures.",
  source: 'Hugging Face datasets, features Image and ClassLabel',
  fields: {
    files: required(oneOrMore(text), 'paths of the files; braces and stars stand for several: data/train-*.parquet'),
    image: optional(text, 'image', 'the column of the pictures'),
    label: maybe(text, "the column of the labels; without it, 'label' where there is one"),
    classes: maybe(
      list(text),
      'names of the classes, in the order of their numbers; without it, those in the files, or what occurs',
    ),
    ...decoding,
  },
  main: 'files',
  example: { files: 'data/train-*.parquet', image: 'img' },
  build: (files) => (notify) => parquetSource(files, notify),
})
