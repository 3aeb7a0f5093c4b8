/** The points at which members wait for each other, by the names that messages have for them. */

/** Whoever has come there leaves. */
export const END = 'the end'

/** A step by its number, or another point on which members agree. */
export const pointOf = (point: number | string): string => (typeof point === 'number' ? `step ${point}` : `'${point}'`)

/** Where bytes are gathered. */
export const bytesOf = (name: string): string => `the bytes '${name}'`

/** Whether a point is a step, which lasts until the next. */
export const isStep = (point: string): boolean => point.startsWith('step ')
