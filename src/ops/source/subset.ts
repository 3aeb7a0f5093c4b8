import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { define } from '../../dsl/op'
import { integer, maybe, optional, required, text } from '../../dsl/type'
import { listedOf, shareOf } from '../../io/subset'
import { readUtf8 } from '../../io/text'
import { anySource, source } from './kind'
import { share } from './share'

export const subset = define(source)({
  name: 'subset',
  doc: 'Some of the pictures of another source, with all its classes: a share of each class that is drawn, or those that a list names. `subset` on a source is short for it: `subset: 1%`, or `subset: list.txt`. A smaller share of the same seed is part of a larger one.',
  source: 'SimCLR (arXiv 2002.05709 §4.2), whose lists of 1 % and 10 % of ImageNet name the files',
  fields: {
    source: required(anySource, 'the pictures that are chosen from'),
    share: maybe(share, 'how many of each class, rounded, at least one; where there are no labels, of all'),
    list: maybe(
      text,
      "a text file with one name a line: a file's, such as n01440764_10026.JPEG, or its path from some folder on",
    ),
    seed: optional(integer(0), 0, 'another seed draws another share'),
  },
  example: { source: { imageFolder: 'data/train' }, share: '1%' },
  refine: (written) =>
    (written.share === undefined) !== (written.list === undefined)
      ? []
      : [
          {
            path: written.share === undefined ? [] : ['list'],
            message: written.share === undefined ? "expected 'share' or 'list'" : "'share' and 'list' don't go together",
            suggestion: written.share === undefined ? "draw a share: 'share: 10%'" : 'keep one of them',
          },
        ],
  build:
    ({ source: open, share: part, list, seed }) =>
    (notify, reach) =>
      pipe(
        open(notify, reach),
        TE.chain((whole) =>
          list === undefined
            ? TE.right(shareOf(whole, part!, seed))
            : pipe(
                readUtf8(list, 'the list of pictures'),
                TE.chainEitherK((names) => listedOf(whole, list, names, notify)),
              ),
        ),
      ),
})
