import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Op } from '../../src/dsl/type'
import { clamp, constant, cosine, linear, piecewise, scaledBy, scaledByBatch } from '../../src/ops/all'
import { type Duration, type Schedule, type Span, schedule } from '../../src/ops/schedule/kind'
import { meaning } from '../parity/ops'

type ScheduleOp = Op<'schedule'>

const span: Span = { steps: 60, stepsPerEpoch: 5, batch: 64 }
/** All values of a run, and some beyond its end. */
const values = (op: ScheduleOp, of: Span = span): readonly number[] => {
  const at = meaning<Schedule>(schedule, op).at(of)
  return Array.from({ length: of.steps + 10 }, (_, step) => at(step))
}

// Without -0, which is told apart from 0 here and nowhere else.
const value = fc.double({ min: -2, max: 2, noNaN: true }).map((v) => v + 0)
const length = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((n): Duration => `${n} steps`),
  fc.integer({ min: 0, max: 4 }).map((n): Duration => `${n} epochs`),
  fc.integer({ min: 0, max: 30 }).map((n): Duration => `${n}%`),
)
/** A schedule with a duration of its own. */
const timed: fc.Arbitrary<ScheduleOp> = fc.oneof(
  fc
    .record({ from: value, to: value, for: length, per: fc.constantFrom('step' as const, 'epoch' as const) })
    .map((p) => linear(p)),
  fc.record({ from: value, to: value, for: length }).map((p) => cosine(p)),
  fc.record({ value, for: length }).map((p) => constant(p)),
)
/** A schedule that takes whatever is left. */
const open: fc.Arbitrary<ScheduleOp> = fc.oneof(
  fc.record({ from: value, to: value }).map((p) => linear(p)),
  fc.record({ from: value, to: value }).map((p) => cosine(p)),
  value.map((v) => constant(v)),
)
const any = fc.oneof(timed, open)

describe('piecewise', () => {
  it('is associative', () => {
    fc.assert(
      fc.property(timed, timed, any, (a, b, c) => {
        const flat = values(piecewise([a, b, c]))
        expect(values(piecewise([a, piecewise([b, c])]))).toEqual(flat)
        expect(values(piecewise([piecewise([a, b]), c]))).toEqual(flat)
      }),
    )
  })

  it('of one schedule is that schedule', () => {
    fc.assert(
      fc.property(any, (a) => {
        expect(values(piecewise([a]))).toEqual(values(a))
      }),
    )
  })

  it('begins every part anew', () => {
    fc.assert(
      fc.property(timed, timed, (a, b) => {
        const first = meaning<Schedule>(schedule, a).length(span)!
        const second = meaning<Schedule>(schedule, b).length(span)!
        expect(values(piecewise([a, b])).slice(0, first)).toEqual(values(a).slice(0, first))
        expect(values(piecewise([a, b])).slice(first, first + second)).toEqual(values(b).slice(0, second))
      }),
    )
  })

  it('takes a percentage to be of the run, wherever it stands', () => {
    const parts = [linear({ from: 0, to: 1, for: '10%' }), constant({ value: 3, for: '50%' }), cosine({ from: 1, to: 0 })]
    const got = values(piecewise([parts[0]!, piecewise([parts[1]!, parts[2]!])]))
    expect(got.slice(0, 6)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
    expect(got.slice(6, 36)).toEqual(new Array(30).fill(3))
    expect(got[36]).toBe(1)
    expect(got[60]).toBe(0)
  })
})

describe('linear', () => {
  it('holds both ends exactly and is monotone between them', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 40 }), (from, to, n) => {
        const got = values(linear({ from, to, for: `${n} steps` }))
        expect([got[0], got[n - 1], got[n + 5]]).toEqual([from, to, to])
        for (let i = 1; i < n; i++) expect(Math.sign(to - from) * (got[i]! - got[i - 1]!)).toBeGreaterThanOrEqual(-1e-15)
      }),
    )
  })

  it('per epoch holds its value for an epoch', () => {
    const got = values(linear({ from: 0, to: 2, for: '3 epochs', per: 'epoch' }))
    expect(got.slice(0, 20)).toEqual([0, 1, 2, 2].flatMap((v) => new Array(5).fill(v)))
  })
})

describe('cosine', () => {
  it('starts at its first value, stays between the two and keeps the last after its end', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 1, max: 40 }), (from, to, n) => {
        const got = values(cosine({ from, to, for: `${n} steps` }))
        expect(got[0]).toBeCloseTo(from, 12)
        expect(got[n]).toBe(to)
        for (const v of got) {
          expect(v).toBeGreaterThanOrEqual(Math.min(from, to) - 1e-12)
          expect(v).toBeLessThanOrEqual(Math.max(from, to) + 1e-12)
        }
      }),
    )
  })
})

describe('scaledBy and clamp', () => {
  it('scale every value, and as often as they are said to', () => {
    fc.assert(
      fc.property(any, value, value, (a, k, l) => {
        expect(values(scaledBy({ factor: k, schedule: a }))).toEqual(values(a).map((v) => k * v))
        expect(values(scaledBy({ factor: 1, schedule: a }))).toEqual(values(a))
        const twice = values(scaledBy({ factor: k, schedule: scaledBy({ factor: l, schedule: a }) }))
        for (const [i, v] of values(scaledBy({ factor: k * l, schedule: a })).entries()) expect(twice[i]).toBeCloseTo(v, 12)
      }),
    )
  })

  it('keep values within, those within as they are, and no more when done twice', () => {
    fc.assert(
      fc.property(any, value, value, (a, x, y) => {
        const [min, max] = x < y ? [x, y] : [y, x]
        const once = clamp({ min, max, schedule: a })
        const got = values(once)
        for (const [i, v] of values(a).entries()) expect(got[i]).toBe(Math.min(max, Math.max(min, v)))
        expect(values(clamp({ min, max, schedule: once }))).toEqual(got)
      }),
    )
  })

  it('leave the length as it is', () => {
    fc.assert(
      fc.property(any, (a) => {
        const own = meaning<Schedule>(schedule, a).length(span)
        expect(meaning<Schedule>(schedule, scaledBy({ factor: 2, schedule: a })).length(span)).toBe(own)
        expect(meaning<Schedule>(schedule, clamp({ min: 0, max: 1, schedule: a })).length(span)).toBe(own)
      }),
    )
  })
})

describe('scaledByBatch', () => {
  it('scales with the batch, inside any schedule', () => {
    expect(values(constant(scaledByBatch(0.5)))[0]).toBe((0.5 * 64) / 256)
    expect(values(linear({ from: 0, to: scaledByBatch({ value: 3, reference: 32 }), for: '2 steps' }))[1]).toBe(6)
  })
})
