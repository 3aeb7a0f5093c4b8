import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { SHAPE_CLASSES, shapes } from '../../src/io/shapes'

const SIZE = 48
const grey = shapes({ count: 120, size: SIZE, seed: 3, channels: 1 })

const read = async (source = grey, i = 0) => {
  const picture = await source.read(i)
  if (E.isLeft(picture)) throw new Error('shapes are always drawn')
  return picture.right
}

/** The pixels of the shape: those that lie on the other side of the middle than the border does. */
const mask = async (i: number): Promise<readonly boolean[]> => {
  const { data } = await read(grey, i)
  const light = Array.from(data, (value) => value > 120)
  const border = light.filter((_, at) => at % SIZE === 0 || at % SIZE === SIZE - 1 || at < SIZE || at >= SIZE * (SIZE - 1))
  const background = border.filter((value) => value).length * 2 > border.length
  return light.map((value) => value !== background)
}

/** Number of connected areas of at least 6 pixels (no mere corners between the shape and the border) where `pixels` is `value`. */
const areas = (pixels: readonly boolean[], value: boolean): number => {
  const seen = new Set<number>()
  const flood = (start: number): number => {
    const open = [start]
    let size = 0
    seen.add(start)
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      size++
      const [row, column] = [Math.floor(at / SIZE), at % SIZE]
      for (const [down, right] of [
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
      ] as const) {
        const next = (row + down) * SIZE + column + right
        const inside = row + down >= 0 && row + down < SIZE && column + right >= 0 && column + right < SIZE
        if (inside && pixels[next] === value && !seen.has(next)) {
          seen.add(next)
          open.push(next)
        }
      }
    }
    return size
  }
  return pixels.flatMap((pixel, at) => (pixel === value && !seen.has(at) ? [flood(at)] : [])).filter((size) => size >= 6).length
}

/** Area over the square of the greatest distance from the centre of mass: π for a disc. */
const compactness = (pixels: readonly boolean[]): number => {
  const points = pixels.flatMap((pixel, at) => (pixel ? [[at % SIZE, Math.floor(at / SIZE)] as const] : []))
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  return points.length / Math.max(...points.map((point) => Math.hypot(point[0] - x, point[1] - y) + 0.5)) ** 2
}

const ofClass = (name: string) => Array.from({ length: 20 }, (_, k) => 6 * k + SHAPE_CLASSES.indexOf(name))

describe('shapes', () => {
  it('describes itself', () => {
    expect(grey).toMatchObject({ name: '120 shapes of 48×48 (seed 3)', count: 120, channels: 1, size: [48, 48] })
    expect(grey.classes).toEqual(['circle', 'square', 'triangle', 'cross', 'ring', 'stripes'])
    expect([0, 5, 6, 119].map(grey.label)).toEqual([0, 5, 0, 5])
  })

  it.each([
    ['circle', 1, 1],
    ['square', 1, 1],
    ['triangle', 1, 1],
    ['cross', 1, 1],
    ['ring', 1, 2],
    ['stripes', 3, 1],
  ])('draws a %s in %d part(s) on a background in %d part(s)', async (name, parts, backgrounds) => {
    for (const i of ofClass(name)) {
      const pixels = await mask(i)
      expect([i, areas(pixels, true), areas(pixels, false)]).toEqual([i, parts, backgrounds])
    }
  })

  it.each([
    ['circle', Math.PI],
    ['square', 2],
    ['triangle', 1.3],
  ])('draws a %s of the right form', async (name, expected) => {
    for (const i of ofClass(name)) expect(Math.abs(compactness(await mask(i)) / expected - 1)).toBeLessThan(0.2)
  })

  it('draws picture i the same whatever else is read, and another for another seed', async () => {
    const again = shapes({ count: 1000, size: SIZE, seed: 3, channels: 1 })
    await read(again, 500)
    expect(await read(again, 7)).toEqual(await read(grey, 7))
    expect(await read(grey, 13)).not.toEqual(await read(grey, 7))
    expect(await read(shapes({ count: 120, size: SIZE, seed: 4, channels: 1 }), 7)).not.toEqual(await read(grey, 7))
  })

  it('tells nothing of the class by its brightness: half are dark on light', async () => {
    const light = await Promise.all(
      Array.from({ length: 120 }, async (_, i) => {
        const { data } = await read(grey, i)
        return data[0]! > 120
      }),
    )
    const share = light.filter((value) => value).length / light.length
    expect(share).toBeGreaterThan(0.3)
    expect(share).toBeLessThan(0.7)
  })

  it('draws in colour', async () => {
    const picture = await read(shapes({ count: 6, size: 16, seed: 3, channels: 3 }), 2)
    expect(picture).toMatchObject({ width: 16, height: 16, channels: 3 })
    expect(picture.data.length).toBe(16 * 16 * 3)
    const [red, green] = [0, 1].map((channel) => picture.data.filter((_, at) => at % 3 === channel))
    expect(red).not.toEqual(green)
  })

  it('has a fingerprint that changes with each option', () => {
    const options = { count: 120, size: SIZE, seed: 3, channels: 1 } as const
    const all = [
      options,
      { ...options, count: 121 },
      { ...options, size: 47 },
      { ...options, seed: 4 },
      { ...options, channels: 3 } as const,
    ]
    expect(new Set(all.map((each) => shapes(each).fingerprint)).size).toBe(5)
    expect(shapes(options).fingerprint).toBe(grey.fingerprint)
  })
})
