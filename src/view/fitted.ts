/** Pictures and views at the sizes at which they are looked at. */
import { shortSide } from '../image/crop'
import type { Picture } from '../image/picture'
import { resize } from '../image/resize'
import { enlarged, hatched } from './paint'
import type { SeenPicture, SeenView } from './seen'

/** A picture made to fit into a square: large ones shrunk, small ones with whole pixels enlarged. */
export const fitted =
  (side: number) =>
  (picture: Picture): Picture => {
    const longest = Math.max(picture.height, picture.width)
    if (longest <= side) return enlarged(Math.max(1, Math.floor(side / longest)))(picture)
    const shortest = Math.min(picture.height, picture.width)
    const size = shortSide(Math.max(1, Math.round((side * shortest) / longest)))([picture.height, picture.width])
    return resize({ interpolation: 'bicubic', size: [Math.min(side, size[0]), Math.min(side, size[1])] })(picture)
  }

/** A view as it is shown, enlarged, with its mask drawn over it. */
export const maskedView = ({ picture, mask }: SeenView, times: number): Picture => {
  const large = enlarged(times)(picture)
  return mask === undefined ? large : hatched(large, mask.hidden, mask.grid)
}

/** What a view is called: `global 1`, `local 3`. */
export const viewName = ({ views }: SeenPicture, i: number): string => {
  const globals = views.filter(({ kind }) => kind === 'global').length
  return views[i]!.kind === 'global' ? `global ${i + 1}` : `local ${i + 1 - globals}`
}
