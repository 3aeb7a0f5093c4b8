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
import { attentionOf, type Figure, type Looked, prototypesFigure } from './figures'
import { type Embedded, embedded, Figure as Framed } from './image'
import { Notes, whyNot } from './page'

const ATTENTION = 3
const PATTERNS = { prototypes: 8, nearest: 8 }
/** Pictures whose patches are compared with the prototypes: as many as take seconds on what computes. */
const SEARCHED = { compiled: 32, opByOp: 8 } as const

/** The sides at which a picture and what a head makes of it are shown, in CSS pixels: about these, in whole pixels of the picture. */
const SIDES = { picture: 240, head: 112 } as const

/** What the heads look at in a picture, ready for a page. */
interface ShownAttention {
  readonly picture: Embedded
  readonly mean: Embedded
  readonly heads: readonly { readonly map: Embedded; readonly mass: Embedded }[]
}

/** A picture at about this side. */
const sized = (picture: Picture, side: number): Promise<Embedded> => {
  const times = side / Math.max(picture.width, picture.height)
  return embedded(picture, times > 1 ? Math.round(times) : times, 'small')
}

/** A map of patches at the size of a picture. */
const mapped = async (map: Picture, { width, height }: Embedded): Promise<Embedded> => ({
  ...(await embedded(map, 1, 'exact')),
  width,
  height,
})

const shownAttention = (all: readonly Looked[]): Promise<readonly ShownAttention[]> =>
  Promise.all(
    all.map(async ({ picture, mean, heads }) => {
      const large = await sized(picture, SIDES.picture)
      return {
        picture: large,
        mean: await mapped(mean, large),
        heads: await Promise.all(
          heads.map(async ({ map, mass }) => {
            const small = await sized(mass, SIDES.head)
            return { map: await mapped(map, small), mass: small }
          }),
        ),
      }
    }),
  )

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
          attentionOf(reader, pictures.slice(0, ATTENTION)),
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

const Attention = ({ attention, note }: { readonly attention: Learnt['attention']; readonly note: string }): VNode =>
  E.isLeft(attention) ? (
    <p class="note">{whyNot(attention.left)}.</p>
  ) : (
    <>
      <p class="note">{note}</p>
      {attention.right.map(({ picture, mean, heads }, i) => (
        <div class="looked" key={i}>
          <Framed image={picture} alt={`picture ${i + 1}`}>
            picture {i + 1}
          </Framed>
          <Framed image={mean} alt="attention maps, their mean">
            mean of the heads
          </Framed>
          <div class="heads">
            {heads.map(({ map, mass }, head) => (
              <figure key={head}>
                <img src={map.uri} width={map.width} height={map.height} alt={`attention maps, head ${head + 1}`} />
                <img src={mass.uri} width={mass.width} height={mass.height} alt={`60 % of the attention of head ${head + 1}`} />
                <figcaption>head {head + 1}</figcaption>
              </figure>
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
      <Attention
        attention={attention}
        note={`${after} What each head's [CLS] looks at in the last block, from dark blue (least) to yellow (most); below, the patches that hold 60 % of that head's attention.`}
      />
      <h3>Prototypes</h3>
      <Prototypes
        prototypes={prototypes}
        note={`${after} One row for each of the prototypes to which most patches belong, with its number: the patches nearest to it, with what is around them greyed.`}
      />
    </>
  )
}
