import { define } from '../../dsl/op'
import { list, maybe, optional, required, text } from '../../dsl/type'
import { imageList as open } from '../../io/imageList'
import { decoding, source } from './kind'

export const imageList = define(source)({
  name: 'imageList',
  doc: 'Pictures that a file lists: a table (.csv, .tsv) whose first row names the columns, or one path a line and behind a tab its label; a label that is a number may follow a blank.',
  fields: {
    path: required(text, 'the list; a relative path starts at the folder in which the command runs'),
    root: maybe(text, 'the folder where relative paths in the list start; without it, the folder of the list'),
    image: optional(text, 'path', 'in a table, the column of the paths'),
    label: maybe(text, "in a table, the column of the labels; without it, 'label' where there is one"),
    classes: maybe(list(text), 'names of the classes, in the order of their numbers; without it, what occurs, sorted'),
    ...decoding,
  },
  main: 'path',
  example: { path: 'data/train.csv', image: 'file_name' },
  build: (files) => (notify) => open(files, notify),
})
