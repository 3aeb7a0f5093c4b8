/** What the heads of a network look at in pictures, as maps and in a page. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { VNode } from 'preact'
import { defect, type Failure } from '../base/failure'
import { attentionMaps, type Reader } from '../evaluate/reader'
import type { Picture } from '../image/picture'
import { heatMap, loadViridis } from '../view/colors'
import { outsideOfMass } from '../view/features'
import { withMask } from '../view/paint'
import { whyNot } from './facts'
import { type Embedded, embedded, Figure as Framed } from './image'

/** The share of the attention that is shown: that of the paper's figures. */
const MASS = 0.6

/** What the heads of a network look at in a picture. */
export interface Looked {
  readonly picture: Picture
  /** The mean of all heads' attention, one pixel a patch. */
  readonly mean: Picture
  readonly heads: readonly Head[]
}
export interface Head {
  /** The head's attention, one pixel a patch. */
  readonly map: Picture
  /** The picture with all greyed but the patches that hold 60 % of it. */
  readonly mass: Picture
}

/** What each head's [CLS] looks at in pictures. */
export const attentionOf = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, readonly Looked[]> =>
  pipe(
    TE.Do,
    TE.bind('viridis', () => TE.tryCatch(loadViridis, defect)),
    TE.bind('maps', () => attentionMaps(reader, pictures)),
    TE.map(({ viridis, maps }) => {
      const { grid } = reader
      return maps.map((heads, i): Looked => {
        const picture = pictures[i]!
        const mean = Float32Array.from(heads[0]!, (_, cell) => heads.reduce((sum, head) => sum + head[cell]!, 0) / heads.length)
        return {
          picture,
          mean: heatMap(mean, grid, viridis),
          heads: heads.map((head) => ({
            map: heatMap(head, grid, viridis),
            mass: withMask(picture, outsideOfMass(head, MASS), grid),
          })),
        }
      })
    }),
  )

/** The sides at which a picture and what a head makes of it are shown, in CSS pixels: about these, in whole pixels of the picture. */
const SIDES = { picture: 240, head: 112 } as const

/** What the heads look at in a picture, ready for a page. */
export interface ShownAttention {
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

export const shownAttention = (all: readonly Looked[]): Promise<readonly ShownAttention[]> =>
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

/** What is said of the maps, above them. */
export const ATTENTION_NOTE =
  "What each head's [CLS] looks at in the last block, from dark blue (least) to yellow (most); below, the patches that hold 60 % of that head's attention."

export const Attention = ({
  attention,
  note,
}: {
  readonly attention: E.Either<Failure, readonly ShownAttention[]>
  readonly note: string
}): VNode =>
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
