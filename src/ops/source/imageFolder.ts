import { define } from '../../dsl/op'
import { optional, required, text } from '../../dsl/type'
import { imageFolder as open } from '../../io/imageFolder'
import { channels, source } from './kind'

export const imageFolder = define(source)({
  name: 'imageFolder',
  doc: 'Pictures in a folder: each sub-folder is a class, with everything below it; a folder without sub-folders has no labels.',
  source: 'torchvision.datasets.ImageFolder',
  fields: {
    path: required(text, 'the folder; a relative path starts at the folder in which the command runs'),
    channels: optional(channels, 3, '3 for colour, 1 for grey; other pictures are converted'),
  },
  main: 'path',
  build: (folder) => () => open(folder),
})
