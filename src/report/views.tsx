/** Views and masks in a page: what was drawn in words, and where each view was cut out. */
import type { VNode } from 'preact'
import type { Shown } from '../loader/seen'
import type { Told } from '../ops/augmentation/kind'
import { enlargement } from '../view/paint'
import type { SeenPicture, SeenView } from '../view/seen'
import { fitted, maskedView } from '../view/sheet'
import { type Embedded, embedded, Figure, type Quality } from './image'
import { Notes, page } from './page'

/** A picture and its views, ready for a page. */
export interface ShownPicture {
  readonly seen: SeenPicture
  readonly original: Embedded
  readonly views: readonly Embedded[]
}

const sideOf = ({ views }: SeenPicture): number =>
  Math.max(1, ...views.map(({ picture }) => Math.max(picture.width, picture.height)))

/** All pictures to one scale. */
export const shownPictures = (pictures: readonly SeenPicture[], quality: Quality): Promise<readonly ShownPicture[]> => {
  const side = Math.max(1, ...pictures.map(sideOf))
  const times = enlargement(side)
  return Promise.all(
    pictures.map(async (seen) => ({
      seen,
      original: await embedded(fitted(side * times)(seen.original), 1, quality),
      views: await Promise.all(seen.views.map((view) => embedded(maskedView(view), times, quality))),
    })),
  )
}

const COLORS = ['#e6194b', '#2b8cff', '#3cb44b', '#f58231', '#911eb4', '#00a8a8', '#f032e6', '#808000']
const colorOf = (view: number): string => COLORS[view % COLORS.length]!

const numberText = (value: number): string => String(Number(value.toPrecision(4)))
const valueText = (value: Told['parameters'][string]): string =>
  typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : `[${value.map(numberText).join(', ')}]`

/** One thing that was done to a picture, with the numbers that were drawn for it. */
export const stepText = ({ name, parameters }: Told): string =>
  [name, ...Object.entries(parameters).map(([key, value]) => `${key} ${valueText(value)}`)].join(' ')

/** How much of a view is hidden, in words. */
export const maskText = ({ mask }: SeenView): string | undefined => {
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

const ViewCaption = ({
  view,
  number,
  name,
}: {
  readonly view: SeenView
  readonly number: number
  readonly name: string
}): VNode => (
  <>
    <b style={{ color: colorOf(number) }}>{name}</b>
    {[maskText(view), ...view.steps.map(stepText)]
      .filter((line) => line !== undefined)
      .map((line) => (
        <div key={line}>{line}</div>
      ))}
  </>
)

/** One row a picture: the picture, its global views, its local views. */
export const ViewRows = ({ pictures }: { readonly pictures: readonly ShownPicture[] }): VNode => (
  <div class="wide">
    {pictures.map((shown) => {
      const { seen } = shown
      const globals = seen.views.filter(({ kind }) => kind === 'global').length
      return (
        <div class="row" key={`${seen.epoch} ${seen.image}`}>
          <Figure image={shown.original} alt={`picture ${seen.image}`} over={<Crops shown={shown} />}>
            picture {seen.image}, {seen.original.width} × {seen.original.height}, epoch {seen.epoch}
          </Figure>
          {seen.views.map((view, i) => {
            const name = view.kind === 'global' ? `global ${i + 1}` : `local ${i + 1 - globals}`
            return (
              <Figure key={i} image={shown.views[i]!} alt={`${name} of picture ${seen.image}`}>
                <ViewCaption view={view} number={i} name={name} />
              </Figure>
            )
          })}
        </div>
      )
    })}
  </div>
)

/** The page of `ibot view`. */
export const viewsPage = async (name: string, { pictures, damaged }: Shown<SeenPicture>): Promise<string> => {
  const shown = await shownPictures(pictures, 'exact')
  return page(
    `${name}: views and masks`,
    <>
      <p class="note">
        What the networks see, as training draws it, before pixels are normalised. Frames on a picture show where its views were
        cut out. Greyed patches are hidden from the student; a teacher sees all of a global view. Augmentations are listed in the
        order in which they are applied.
      </p>
      <Notes texts={damaged} />
      <ViewRows pictures={shown} />
    </>,
  )
}
