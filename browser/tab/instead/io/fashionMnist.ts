/** A sample of Fashion-MNIST: the first pictures of both splits. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { FASHION_CLASSES } from '../../../../src/io/fashionFiles'
import type * as original from '../../../../src/io/fashionMnist'
import { idxSource } from '../../../../src/io/idx'
import { sampleFiles } from '../../sample'

export const fashionMnist: typeof original.fashionMnist = (split) =>
  pipe(
    idxSource({ ...sampleFiles(split), classes: FASHION_CLASSES }),
    TE.map((source) => ({ ...source, name: `Fashion-MNIST (${split}, the first ${source.count.toLocaleString('en-US')})` })),
  )
