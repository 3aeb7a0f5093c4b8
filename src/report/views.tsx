/** Views and masks in a page: where each view was cut out, what is hidden in it, and what was drawn in words. */
import type { VNode } from 'preact'
import type { Told } from '../ops/augmentation/kind'
import { fitted, viewName } from '../view/fitted'
import { HATCH } from '../view/paint'
import type { SeenPicture, SeenView } from '../view/seen'
import { type Embedded, embedded, Figure, type Quality } from './image'

/** A picture and its views, ready for a page. */
export interface ShownPicture {
  readonly seen: SeenPicture
  readonly original: Embedded
  readonly views: readonly Embedded[]
}

const sideOf = ({ views }: SeenPicture): number =>
  Math.max(1, ...views.map(({ picture }) => Math.max(picture.width, picture.height)))

/** About how large the largest views are shown, in CSS pixels, in whole pixels of theirs. */
const SIDE = 150

/** All pictures to one scale. */
export const shownPictures = (pictures: readonly SeenPicture[], quality: Quality): Promise<readonly ShownPicture[]> => {
  const side = Math.max(1, ...pictures.map(sideOf))
  const times = Math.max(1, Math.round(SIDE / side))
  return Promise.all(
    pictures.map(async (seen) => ({
      seen,
      original: await embedded(fitted(side * times)(seen.original), 1, quality),
      views: await Promise.all(seen.views.map(({ picture }) => embedded(picture, times, quality))),
    })),
  )
}

const COLORS = ['#e6194b', '#3b82f6', '#10b981', '#f97316', '#8b5cf6', '#06b6d4', '#ec4899', '#84862b']
const colorOf = (view: number): string => COLORS[view % COLORS.length]!

const numberText = (value: number): string => String(Number(value.toPrecision(4)))
const valueText = (value: Told['parameters'][string]): string =>
  typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : `[${value.map(numberText).join(', ')}]`

/** One thing that was done to a picture, with the numbers that were drawn for it. */
export const stepText = ({ name, parameters }: Told): string =>
  [name, ...Object.entries(parameters).map(([key, value]) => `${key} ${valueText(value)}`)].join(' ')

/** How much of a view is hidden, in words. */
export const maskText = ({ mask }: Pick<SeenView, 'mask'>): string | undefined => {
  if (mask === undefined) return undefined
  const hidden = mask.hidden.reduce((sum, on) => sum + on, 0)
  return `${hidden} of ${mask.hidden.length} patches hidden`
}

/** What a view shows of its picture, where it begins with a crop. */
const cropOf = ([first]: readonly Told[]): readonly number[] | undefined => {
  const box = first?.parameters.box
  return typeof box === 'object' ? box : undefined
}

/** Where the views were cut out of the picture: those whose first step is a crop of it. */
const Crops = ({ shown: { seen, original } }: { readonly shown: ShownPicture }): VNode => (
  <svg
    width={original.width}
    height={original.height}
    viewBox={`0 0 ${seen.original.width} ${seen.original.height}`}
    preserveAspectRatio="none"
    role="presentation"
  >
    {seen.views.map(({ steps }, view) => {
      const box = cropOf(steps)
      if (box === undefined) return undefined
      const [x, y, width, height] = box
      return (
        <rect
          key={view}
          x={x}
          y={y}
          width={width}
          height={height}
          fill="none"
          stroke={colorOf(view)}
          stroke-width={1.5}
          vector-effect="non-scaling-stroke"
        />
      )
    })}
  </svg>
)

const HATCHING = 'hatching'

/** The pattern of hidden patches, once a page. */
const Hatching = (): VNode => {
  const { color, through, period, stripe } = HATCH
  const fill = `rgb(${color.join(' ')})`
  // Along a diagonal stripes are nearer to each other than along a side.
  const apart = period / Math.SQRT2
  return (
    <svg width="0" height="0" style={{ position: 'absolute' }} aria-hidden="true">
      <pattern id={HATCHING} patternUnits="userSpaceOnUse" width={apart} height={apart} patternTransform="rotate(45)">
        <rect width={apart} height={apart} fill={fill} fill-opacity={1 - through} />
        <rect width={stripe / Math.SQRT2} height={apart} fill={fill} />
      </pattern>
    </svg>
  )
}

/** The hidden patches of a view, over it: those beside each other in a row as one. */
const Hidden = ({ view: { mask }, image }: { readonly view: SeenView; readonly image: Embedded }): VNode | undefined => {
  if (mask === undefined || mask.hidden.every((on) => on === 0)) return undefined
  const { hidden, grid } = mask
  const [wide, high] = [image.width / grid.width, image.height / grid.height]
  const place = (value: number): number => Math.round(100 * value) / 100
  const runs = Array.from(hidden).flatMap((on, cell) => {
    const column = cell % grid.width
    if (on !== 1 || (column > 0 && hidden[cell - 1] === 1)) return []
    const end = hidden.subarray(cell, cell - column + grid.width).findIndex((next) => next !== 1)
    const length = end === -1 ? grid.width - column : end
    return [
      `M${place(column * wide)} ${place(Math.floor(cell / grid.width) * high)}h${place(length * wide)}v${place(high)}h${place(-length * wide)}z`,
    ]
  })
  return (
    <svg class="hatched" width={image.width} height={image.height} role="img" aria-label={maskText({ mask })}>
      <path d={runs.join('')} fill={`url(#${HATCHING})`} />
    </svg>
  )
}

/** What was drawn for each view, folded. */
const Drawn = ({ seen }: { readonly seen: SeenPicture }): VNode => (
  <details>
    <summary>what was drawn for each view</summary>
    <div class="drawn">
      {seen.views.map(({ steps }, i) => (
        <div key={i}>
          <b style={{ color: colorOf(i) }}>{viewName(seen, i)}</b>
          <ol>
            {steps.map((step, place) => (
              <li key={place}>{stepText(step)}</li>
            ))}
          </ol>
        </div>
      ))}
    </div>
  </details>
)

/** One row a picture: the picture, its global views, its local views; below, what was drawn for them. */
export const ViewRows = ({ pictures }: { readonly pictures: readonly ShownPicture[] }): VNode => (
  <div>
    <Hatching />
    <input type="checkbox" id="hide-masks" class="hide-masks" />
    <label for="hide-masks"> show what is below the masks</label>
    {pictures.map((shown) => {
      const { seen } = shown
      return (
        <div class="row" key={`${seen.epoch} ${seen.image}`}>
          <div class="shown">
            <Figure image={shown.original} alt={`picture ${seen.image}`} over={<Crops shown={shown} />}>
              picture {seen.image}, {seen.original.width} × {seen.original.height}, epoch {seen.epoch}
            </Figure>
            {seen.views.map((view, i) => {
              const name = viewName(seen, i)
              const masked = maskText(view)
              const image = shown.views[i]!
              return (
                <Figure
                  key={i}
                  image={image}
                  alt={`${name} of picture ${seen.image}`}
                  over={<Hidden view={view} image={image} />}
                >
                  <b style={{ color: colorOf(i) }}>{name}</b>
                  {masked !== undefined && <div>{masked}</div>}
                </Figure>
              )
            })}
          </div>
          <Drawn seen={seen} />
        </div>
      )
    })}
  </div>
)

/** What is said of views, above them. */
export const VIEWS_NOTE =
  'What the networks see, as training draws it, before pixels are normalised. Frames on a picture show where its views were cut out. Hatched patches are hidden from the student; a teacher sees all of a global view.'
