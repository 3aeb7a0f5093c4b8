import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random as stream } from '../../src/base/random'
import type { Op } from '../../src/dsl/type'
import { block, coarse, mixture, none, random, startingAt, union } from '../../src/ops/all'
import { type Grid, type Mask, mask, mostOf } from '../../src/ops/mask/kind'
import { meaning } from '../parity/ops'

type MaskOp = Op<'mask'>

const meant = (op: MaskOp): Mask => meaning<Mask>(mask, op)
const drawn = (op: MaskOp, seed: number, grid: Grid, epoch = 0): Uint8Array => meant(op)(stream('test', seed), grid, epoch)
const count = (hidden: Uint8Array): number => hidden.reduce((sum, on) => sum + on, 0)

const seed = fc.integer({ min: 0, max: 1e9 })
const side = fc.integer({ min: 1, max: 14 })
const grids: fc.Arbitrary<Grid> = fc.record({ height: side, width: side })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const range = fc.tuple(share, share).map(([a, b]): readonly [number, number] => (a < b ? [a, b] : [b, a]))
const simple: fc.Arbitrary<MaskOp> = fc.oneof(
  range.map((ratio) => block({ ratio })),
  range.map((ratio) => random({ ratio })),
  fc.constant(none()),
)
const masks: fc.Arbitrary<MaskOp> = fc.oneof(
  simple,
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((of) => mixture(of)),
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((of) => union(of)),
  fc.tuple(fc.integer({ min: 1, max: 4 }), simple).map(([size, inner]) => coarse({ size, mask: inner })),
)

describe('every mask', () => {
  it('never hides more than it says that it can', () => {
    fc.assert(
      fc.property(masks, seed, grids, (op, key, grid) => {
        expect(count(drawn(op, key, grid))).toBeLessThanOrEqual(mostOf(meant(op), grid, 10))
      }),
    )
  })

  it.each([
    [none(), 0],
    [random({ ratio: 0 }), 0],
    [random({ ratio: [0, 0.5] }), 8],
    [random({ ratio: 0.06 }), 0],
    [block({ ratio: [0.1, 0.5] }), 8],
    [mixture([none(), none()]), 0],
    [mixture([none(), random({ ratio: 0.5 })]), 8],
    [mixture({ masks: [none(), random({ ratio: 0.5 })], weights: [1, 0] }), 0],
    [union([none(), random({ ratio: 0.5 })]), 8],
    [startingAt({ epoch: 10, mask: random({ ratio: 0.5 }) }), 0],
    [startingAt({ epoch: 9, mask: random({ ratio: 0.5 }) }), 8],
    [coarse({ size: 2, mask: random({ ratio: 0.5 }) }), 8],
    [coarse({ size: 5, mask: random({ ratio: 0.5 }) }), 0],
  ] as const)('says how many of 4 × 4 patches it can hide in ten epochs: %j', (op, most) => {
    expect(mostOf(meant(op), { height: 4, width: 4 }, 10)).toBe(most)
  })

  it('has a 0 or a 1 for every cell, the same for the same key', () => {
    fc.assert(
      fc.property(masks, seed, grids, (op, key, grid) => {
        const hidden = drawn(op, key, grid)
        expect(hidden.length).toBe(grid.height * grid.width)
        expect(hidden.every((on) => on === 0 || on === 1)).toBe(true)
        expect(drawn(op, key, grid)).toEqual(hidden)
      }),
    )
  })
})

/** The largest share of cells that a mask may hide, from its description. */
const most = (op: MaskOp): number => {
  const [[name, body]] = Object.entries(op) as [[string, Record<string, unknown>]]
  const of = (masks: unknown) => (masks as MaskOp[]).map(most)
  switch (name) {
    case 'none':
      return 0
    case 'block':
    case 'random':
      return (body.ratio as readonly number[])[1]!
    case 'mixture':
      return Math.max(...of(body.masks))
    case 'union':
      return Math.min(
        1,
        of(body.masks).reduce((sum, one) => sum + one, 0),
      )
    default:
      return most(body.mask as MaskOp)
  }
}

describe('every combination of masks', () => {
  it('hides no more than its parts may: the largest of a mixture, the sum of a union, as much by coarse cells', () => {
    fc.assert(
      fc.property(masks, seed, grids, (op, key, grid) => {
        expect(count(drawn(op, key, grid))).toBeLessThanOrEqual(most(op) * grid.height * grid.width + 1e-9)
      }),
      { numRuns: 500 },
    )
  })
})

describe('block', () => {
  it('never hides more than its ratio says, and something wherever there is room for a cell', () => {
    fc.assert(
      fc.property(range, seed, grids, ([low, high], key, grid) => {
        const hidden = drawn(block({ ratio: [low, high] }), key, grid)
        expect(count(hidden)).toBeLessThanOrEqual(high * grid.height * grid.width)
      }),
    )
    // 14 × 14 cells leave room for many rectangles: the target is nearly reached.
    for (let key = 0; key < 50; key++) {
      const hidden = count(drawn(block({ ratio: 0.4 }), key, { height: 14, width: 14 }))
      expect(hidden).toBeGreaterThan(0.3 * 196)
      expect(hidden).toBeLessThanOrEqual(0.4 * 196)
    }
  })

  it('has no rectangle as high or as wide as the grid: a single row stays visible', () => {
    for (let key = 0; key < 50; key++) {
      expect(count(drawn(block({ ratio: 0.9 }), key, { height: 1, width: 9 }))).toBe(0)
      expect(count(drawn(block({ ratio: 0.9 }), key, { height: 9, width: 1 }))).toBe(0)
    }
  })

  it('hides nothing at ratio 0', () => {
    fc.assert(
      fc.property(seed, grids, (key, grid) => {
        expect(count(drawn(block({ ratio: 0 }), key, grid))).toBe(0)
      }),
    )
  })
})

describe('random', () => {
  it('hides as many cells as a ratio says, rounded down', () => {
    fc.assert(
      fc.property(range, seed, grids, ([low, high], key, grid) => {
        const size = grid.height * grid.width
        const hidden = count(drawn(random({ ratio: [low, high] }), key, grid))
        expect(hidden).toBeGreaterThanOrEqual(Math.floor(low * size))
        expect(hidden).toBeLessThanOrEqual(high * size)
        expect(count(drawn(random({ ratio: high }), key, grid))).toBe(Math.floor(high * size))
        expect(count(drawn(random({ ratio: 1 }), key, grid))).toBe(size)
      }),
    )
  })
})

describe('mixture', () => {
  /** A mask that hides the first so many cells. */
  const shares = (op: MaskOp, of: number) => {
    const grid = { height: 1, width: of }
    const counts = new Array<number>(of + 1).fill(0)
    for (let key = 0; key < 3000; key++) counts[count(drawn(op, key, grid))]! += 1 / 3000
    return counts
  }
  const fixed = (n: number) => random({ ratio: (n + 0.5) / 4 })

  it('of one mask draws as that mask does', () => {
    fc.assert(
      fc.property(simple, seed, grids, (op, key, grid) => {
        // The mixture's own pick is the first draw.
        const pick = stream('test', key)
        pick.uniform()
        expect(drawn(mixture([op]), key, grid)).toEqual(meant(op)(pick, grid, 0))
        expect(drawn(mixture({ masks: [op, random({ ratio: 1 })], weights: [3, 0] }), key, grid)).toEqual(
          drawn(mixture([op]), key, grid),
        )
      }),
    )
  })

  it('picks each mask as often as its weight says', () => {
    const [zero, one, two] = shares(mixture([fixed(0), fixed(1), fixed(2)]), 4) as [number, number, number]
    for (const part of [zero, one, two]) expect(Math.abs(part - 1 / 3)).toBeLessThan(0.04)
    const [rare, often] = shares(mixture({ masks: [fixed(0), fixed(1)], weights: [1, 4] }), 4) as [number, number]
    expect(Math.abs(rare - 0.2)).toBeLessThan(0.04)
    expect(Math.abs(often - 0.8)).toBeLessThan(0.04)
  })
})

describe('union', () => {
  it('hides what any of its masks hides, each with draws of its own', () => {
    fc.assert(
      fc.property(fc.array(simple, { minLength: 1, maxLength: 3 }), seed, grids, (of, key, grid) => {
        const draws = stream('test', key)
        const each = of.map((op) => meant(op)(draws, grid, 0))
        const hidden = drawn(union(of), key, grid)
        expect(Array.from(hidden)).toEqual(Array.from(hidden, (_, cell) => (each.some((one) => one[cell] === 1) ? 1 : 0)))
      }),
    )
  })
})

describe('coarse', () => {
  it('hides whole cells of its size, as the mask over them says, and nothing beyond', () => {
    fc.assert(
      fc.property(simple, seed, grids, fc.integer({ min: 1, max: 5 }), (op, key, grid, size) => {
        const wide = { height: Math.floor(grid.height / size), width: Math.floor(grid.width / size) }
        const chosen = drawn(op, key, wide)
        const hidden = drawn(coarse({ size, mask: op }), key, grid)
        for (let y = 0; y < grid.height; y++)
          for (let x = 0; x < grid.width; x++) {
            const [row, column] = [Math.floor(y / size), Math.floor(x / size)]
            const inside = row < wide.height && column < wide.width
            expect(hidden[y * grid.width + x]).toBe(inside ? chosen[row * wide.width + column] : 0)
          }
      }),
    )
  })
})

describe('startingAt', () => {
  it('hides nothing before its epoch, then what its mask hides', () => {
    fc.assert(
      fc.property(masks, seed, grids, fc.nat(5), fc.nat(5), (op, key, grid, start, epoch) => {
        const hidden = drawn(startingAt({ epoch: start, mask: op }), key, grid, epoch)
        if (epoch < start) expect(count(hidden)).toBe(0)
        else expect(hidden).toEqual(drawn(op, key, grid, epoch))
      }),
    )
  })
})
