import { define } from '../../dsl/op'
import { required, text } from '../../dsl/type'
import { imageFolder as open } from '../../io/imageFolder'
import { decoding, source } from './kind'

export const imageFolder = define(source)({
  name: 'imageFolder',
  doc: 'Pictures in a folder: each sub-folder is a class, with everything below it; a folder without sub-folders has no labels.',
  source: 'torchvision.datasets.ImageFolder',
  fields: {
    path: required(text, 'the folder; a relative path starts at the folder in which the command runs'),
    ...decoding,
  },
  main: 'path',
  build: (folder) => (notify) => open(folder, notify),
})
