/** Pictures inside a page. */

import type { ComponentChildren, VNode } from 'preact'
import { toBase64 } from '../base/bytes'
import type { Picture } from '../image/picture'
import { toPng, toWebp } from '../io/encode'

/** A picture as part of a page, and the size at which it is shown, in CSS pixels. */
export interface Embedded {
  readonly uri: string
  readonly width: number
  readonly height: number
}

/** Exact pixels, or few bytes. */
export type Quality = 'exact' | 'small'

/** Below this side the exact pixels are few bytes too. */
const TINY = 64

/** A picture shown at `times` its size. */
export const embedded = async (picture: Picture, times: number, quality: Quality): Promise<Embedded> => {
  const exact = quality === 'exact' || Math.max(picture.width, picture.height) <= TINY
  const bytes = await (exact ? toPng : toWebp)(picture)
  return {
    uri: `data:image/${exact ? 'png' : 'webp'};base64,${toBase64(bytes)}`,
    width: Math.round(picture.width * times),
    height: Math.round(picture.height * times),
  }
}

/** The picture with something drawn over it, and a caption below. */
export const Figure = ({
  image: { uri, width, height },
  alt,
  over,
  children,
}: {
  readonly image: Embedded
  readonly alt: string
  readonly over?: VNode | undefined
  readonly children?: ComponentChildren
}): VNode => (
  <figure style={{ width: `${Math.max(width, 112)}px` }}>
    <div class="picture">
      <img src={uri} width={width} height={height} alt={alt} />
      {over}
    </div>
    <figcaption>{children}</figcaption>
  </figure>
)
