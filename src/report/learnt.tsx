/** What a run's network has learnt, in its report: attention of a few images, and the patches nearest to prototypes. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { VNode } from 'preact'
import { defect, type Failure } from '../base/failure'
import { openReader } from '../evaluate/openReader'
import { prepared, type Reader } from '../evaluate/reader'
import type { Picture } from '../image/picture'
import { firstOriginals, type Shown } from '../loader/seen'
import type { Opened } from '../program/openPlan'
import { ATTENTION_NOTE, Attention, attentionOf, type ShownAttention, shownAttention } from './attention'
import { Notes, whyNot } from './facts'
import { type Figure, prototypesFigure } from './figures'
import { type Embedded, embedded } from './image'

const LOOKED_AT = 3
const PATTERNS = { prototypes: 8, nearest: 8 }
/** Pictures whose patches are compared with the prototypes: as many as take seconds on what computes. */
const SEARCHED = { compiled: 32, opByOp: 8 } as const

interface Learnt {
  readonly reader: Reader
  readonly shown: Shown<Picture>
  readonly attention: E.Either<Failure, readonly ShownAttention[]>
  readonly prototypes: E.Either<Failure, readonly ShownPrototype[]>
}

/** A prototype's patches, ready for a page. */
interface ShownPrototype {
  readonly name: string
  readonly nearest: readonly Embedded[]
}

const shownPrototypes = (figure: Figure): Promise<readonly ShownPrototype[]> =>
  Promise.all(
    figure.map(async (cells) => ({
      name: cells[0]?.label ?? '',
      nearest: await Promise.all(cells.map((cell) => embedded(cell, 1, 'small'))),
    })),
  )

const learntOf = (run: string, opened: Opened, signal: AbortSignal | undefined): TE.TaskEither<Failure, Learnt> =>
  pipe(
    TE.Do,
    TE.bind('reader', () => openReader(opened.design.registry, run, undefined, signal)),
    TE.bind('shown', ({ reader }) => firstOriginals(opened, reader.engine.compiles ? SEARCHED.compiled : SEARCHED.opByOp)),
    TE.bind('pictures', ({ reader, shown }) => TE.right(shown.pictures.map(prepared(reader)))),
    TE.bind('attention', ({ reader, pictures }) =>
      TE.fromTask(
        pipe(
          attentionOf(reader, pictures.slice(0, LOOKED_AT)),
          TE.chain((looked) => TE.tryCatch(() => shownAttention(looked), defect)),
        ),
      ),
    ),
    TE.bind('prototypes', ({ reader, pictures }) =>
      TE.fromTask(
        pipe(
          prototypesFigure(reader, pictures, PATTERNS),
          TE.chain((figure) => TE.tryCatch(() => shownPrototypes(figure), defect)),
        ),
      ),
    ),
  )

const Prototypes = ({ prototypes, note }: { readonly prototypes: Learnt['prototypes']; readonly note: string }): VNode =>
  E.isLeft(prototypes) ? (
    <p class="note">{whyNot(prototypes.left)}.</p>
  ) : (
    <>
      <p class="note">{note}</p>
      {prototypes.right.map(({ name, nearest }) => (
        <div class="prototype" key={name}>
          <div>{name}</div>
          <div class="shown">
            {nearest.map(({ uri, width, height }, i) => (
              <img key={i} src={uri} width={width} height={height} alt={`patches nearest to prototypes, ${name}`} />
            ))}
          </div>
        </div>
      ))}
    </>
  )

/** The frozen network of the newest checkpoint, if there is one yet. */
export const learntPart = async (run: string, opened: Opened, signal: AbortSignal | undefined): Promise<VNode> => {
  const learnt = await learntOf(run, opened, signal)()
  if (E.isLeft(learnt)) return <p class="note">Nothing to show yet: {whyNot(learnt.left)}.</p>
  const { reader, shown, attention, prototypes } = learnt.right
  const after = `The ${reader.model.which} after ${reader.model.step} steps.`
  return (
    <>
      <Notes texts={shown.damaged} />
      <h3>Attention</h3>
      <Attention attention={attention} note={`${after} ${ATTENTION_NOTE}`} />
      <h3>Prototypes</h3>
      <Prototypes
        prototypes={prototypes}
        note={`${after} One row for each of the prototypes to which most patches belong, with its number: the patches nearest to it, with what is around them greyed.`}
      />
    </>
  )
}
