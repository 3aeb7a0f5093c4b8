import { stage } from '../../dsl/plan'
import { required } from '../../dsl/type'
import { datasetSlot } from '../slots'
import { anySource } from './kind'

export const dataset = stage(datasetSlot)({
  name: 'dataset',
  doc: 'The pictures to learn from. An epoch is one pass over them, shuffled; the last incomplete batch is dropped.',
  needs: [],
  gives: ['images', 'labels'],
  example: { imageFolder: 'data/train' },
  fields: { source: required(anySource, 'where they come from') },
  main: 'source',
  build: ({ source }) => source,
})
