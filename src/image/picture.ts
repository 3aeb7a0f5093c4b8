/** A picture in memory: rows from the top, pixels from the left, channels together, 8 bits each. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: 1 | 3
  /** height × width × channels values, 0–255. */
  readonly data: Uint8Array
}

/** A picture of the given size whose pixels are still to be filled in (all 0). */
export const blank = (width: number, height: number, channels: 1 | 3): Picture => ({
  width,
  height,
  channels,
  data: new Uint8Array(width * height * channels),
})
