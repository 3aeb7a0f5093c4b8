/** The drawing that says what ibot is: pictures become views, student and teacher see them, two losses compare what they say. */
import { random } from '../../src/base/random'
import type { Registry } from '../../src/dsl/registry'
import type { Picture } from '../../src/image/picture'
import { toWebp } from '../../src/io/encode'
import { type Augmentation, augmentation } from '../../src/ops/augmentation/kind'
import { type Mask, mask } from '../../src/ops/mask/kind'
import { fitted } from '../../src/view/fitted'
import { withMask } from '../../src/view/paint'
import { drawnPicture } from '../../src/view/seen'
import { alike, IMAGENET, meant, SIDE } from './figures'
import { scene } from './scene'

/** Patches of a view in the drawing: fewer than in a real one, so that they can be seen. */
const GRID = { height: 7, width: 7 }
/** Pixels of the drawing's pictures for each of its units, so that they are sharp on dense screens. */
const DENSITY = 2

interface Placed {
  readonly picture: Picture
  readonly left: number
  readonly top: number
  readonly side: number
}

/** The picture and its views, each at its place. */
const placed = (registry: Registry): readonly Placed[] => {
  const original = scene(SIDE)
  const crop = (scale: readonly number[], seed: number): Picture => {
    const { draw } = meant(registry, augmentation, { randomResizedCrop: { size: SIDE, scale } }) as Augmentation
    return drawnPicture(original, draw(random(seed, 'overview'), original), IMAGENET)
  }
  const hide = meant(registry, mask, { block: { ratio: [0.35, 0.5] } }) as Mask
  const hidden = (view: Picture, seed: number): Picture => withMask(view, hide(random(seed, 'overview'), GRID, 0), GRID)
  const [u, v] = [crop([0.6, 0.8], 11), crop([0.3, 0.4], 7)]
  const locals = [crop([0.08, 0.12], 1), crop([0.1, 0.14], 9), crop([0.1, 0.14], 4)]
  const at = (picture: Picture, left: number, top: number, side: number): Placed => ({
    picture: fitted(side * DENSITY)(picture),
    left,
    top,
    side,
  })
  return [
    at(original, 20, 124, 92),
    at(hidden(u, 5), 158, 36, 64),
    at(hidden(v, 6), 230, 36, 64),
    ...locals.map((local, i) => at(local, 302, 36 + 22.5 * i, 19)),
    at(u, 158, 240, 64),
    at(v, 230, 240, 64),
  ]
}

const STYLE = `
text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
.small { font-size: 11px; fill: #57606a }
.name { font-size: 15px; font-weight: 600 }
.panel { fill: #ffffff; stroke: #d8dee4 }
.student { fill: #ddebff; stroke: #2f6fd0 }
.teacher { fill: #e0f3e4; stroke: #2d8a46 }
.loss { fill: #fff0d6; stroke: #b86e00 }
.arrow { fill: none; stroke: #57606a; stroke-width: 1.5; marker-end: url(#head) }
.back { stroke-dasharray: 4 3 }
#head path { fill: #57606a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #a3adb8 }
  .panel { fill: #161b22; stroke: #30363d }
  .student { fill: #16305a; stroke: #6ea8ff }
  .teacher { fill: #143a20; stroke: #5bc27a }
  .loss { fill: #4a330a; stroke: #e3a23c }
  .arrow { stroke: #a3adb8 }
  #head path { fill: #a3adb8 }
}`

const box = (kind: string, left: number, top: number, width: number, height: number): string =>
  `<rect class="${kind}" x="${left}" y="${top}" width="${width}" height="${height}" rx="7"/>`
const text = (x: number, y: number, words: string, kind = '', anchor = 'middle'): string =>
  `<text${kind === '' ? '' : ` class="${kind}"`} x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`
const arrow = (path: string, kind = ''): string => `<path class="arrow${kind}" d="${path}"/>`

const DRAWN = [
  box('panel', 0.5, 0.5, 779, 339),
  text(66, 234, 'a picture'),
  // To the views.
  arrow('M118 148 C136 130 132 68 150 68'),
  arrow('M118 190 C136 208 132 272 150 272'),
  text(158, 24, 'views with hidden patches, and local ones', 'small', 'start'),
  text(158, 322, 'the same global views in full', 'small', 'start'),
  // Networks.
  arrow('M328 68 H356'),
  arrow('M302 272 H356'),
  box('student', 364, 40, 112, 56),
  text(420, 65, 'student', 'name'),
  text(420, 83, 'backbone, head', 'small'),
  box('teacher', 364, 244, 112, 56),
  text(420, 269, 'teacher', 'name'),
  text(420, 287, 'online tokenizer', 'small'),
  arrow('M420 100 V236', ' back'),
  text(428, 164, 'moving average', 'small', 'start'),
  text(428, 179, 'of the weights', 'small', 'start'),
  // What they say.
  arrow('M480 76 C552 76 590 84 590 116'),
  arrow('M480 60 C640 60 712 66 712 116'),
  text(516, 94, '[CLS]', 'small'),
  text(584, 52, 'hidden patches', 'small'),
  arrow('M480 264 C552 264 590 256 590 224'),
  arrow('M480 280 C640 280 712 274 712 224'),
  text(492, 302, 'targets: centred, sharpened, no gradient', 'small', 'start'),
  // Losses.
  box('loss', 534, 124, 112, 92),
  text(590, 162, 'L<tspan dy="4" font-size="11">[CLS]</tspan>', 'name'),
  text(590, 191, 'between two views', 'small'),
  box('loss', 656, 124, 112, 92),
  text(712, 162, 'L<tspan dy="4" font-size="11">MIM</tspan>', 'name'),
  text(712, 191, 'at hidden patches', 'small'),
]

/** The drawing, readable on light and on dark pages: it brings its own ground. */
export const overview = async (registry: Registry): Promise<string> => {
  const images = await Promise.all(
    placed(registry).map(
      async ({ picture, left, top, side }) =>
        `<image x="${left}" y="${top}" width="${side}" height="${side}" href="data:image/webp;base64,${Buffer.from(await toWebp(picture)).toString('base64')}"/>`,
    ),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 340" width="780" height="340" role="img" aria-label="A picture becomes views. The student sees them with hidden patches, the teacher in full. Two losses compare what both say of whole views and of hidden patches. The teacher is the moving average of the student.">
<style>${STYLE}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>
${[...DRAWN, ...images].join('\n')}
</svg>
`
}

const IMAGE = /data:image\/webp;base64,([^"]*)/g

/** Whether two drawings show the same: see `alike`. */
export const sameDrawing = async (a: string, b: string): Promise<boolean> => {
  if (a.replace(IMAGE, '') !== b.replace(IMAGE, '')) return false
  const images = (text: string) => [...text.matchAll(IMAGE)].map(([, bytes]) => Buffer.from(bytes!, 'base64'))
  const others = images(b)
  const same = await Promise.all(images(a).map((image, i) => alike(image, others[i]!)))
  return same.every((one) => one)
}
