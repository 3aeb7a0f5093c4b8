/** Views and masks as a page of their own. */
import type { Shown } from '../loader/seen'
import type { SeenPicture } from '../view/seen'
import { Notes } from './facts'
import { page } from './page'
import { shownPictures, VIEWS_NOTE, ViewRows } from './views'

/** The page of `ibot view`. */
export const viewsPage = async (name: string, { pictures, damaged }: Shown<SeenPicture>): Promise<string> => {
  const shown = await shownPictures(pictures, 'exact')
  return page(
    `${name}: views and masks`,
    <>
      <p class="note">{VIEWS_NOTE} Augmentations are listed in the order in which they are applied.</p>
      <Notes texts={damaged} />
      <ViewRows pictures={shown} />
    </>,
  )
}
