const { fround } = Math

/**
 * Value x moved from `origin` (both 0–255) to `factor`, a float32, times their distance, in float32, clipped and truncated:
 * Pillow's `Image.blend`.
 */
export const blend = (origin: number, x: number, factor: number): number => {
  const moved = fround(origin + fround(factor * (x - origin)))
  return moved <= 0 ? 0 : moved >= 255 ? 255 : Math.trunc(moved)
}
