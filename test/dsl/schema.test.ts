import Ajv from 'ajv'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Problem } from '../../src/base/failure'
import { planOf } from '../../src/dsl/check'
import { jsonSchema } from '../../src/dsl/schema'
import type { Json } from '../../src/dsl/type'
import { documents } from './arbitrary'
import { registry } from './registry'
import { SMALL, STAGES } from './samples'

const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(jsonSchema(registry) as object)

/** What a schema can't tell: relations between values, the last of some steps, and what stages need. */
const beyondSchema = ({ code, message }: Problem): boolean =>
  ['unfit-value', 'missing-fact', 'missing-stage', 'second-stage'].includes(code) ||
  message.includes('low ≤ high') ||
  /unknown (distribution|transform) '(softmax|centred)'/.test(message)

const problemsIn = (document: unknown): readonly Problem[] => {
  const plan = planOf(registry, document)
  return E.isLeft(plan) ? plan.left : []
}

const agree = (document: unknown): void => {
  const problems = problemsIn(document)
  const valid = validate(document)
  if (problems.length === 0) expect(validate.errors ?? []).toEqual([])
  if (valid) expect(problems.filter((problem) => !beyondSchema(problem))).toEqual([])
}

/** A document with one part of it replaced, removed, renamed, or joined by another. */
const changed = (value: Json, path: readonly number[], how: number, by: Json): Json => {
  const [first, ...rest] = path
  if (typeof value !== 'object' || value === null || first === undefined) return how === 0 ? { more: by } : by
  const isList = Array.isArray(value)
  const entries: [string, Json][] = Object.entries(value)
  if (entries.length === 0) return by
  const i = first % entries.length
  const [key, part] = entries[i]!
  const change = (): readonly [string, Json][] => {
    if (rest.length > 0) return [[key, changed(part, rest, how, by)]]
    switch (how) {
      case 0:
        return []
      case 1:
        return [[`${key}x`, part]]
      case 2:
        return [
          [key, part],
          ['more', by],
        ]
      default:
        return [[key, by]]
    }
  }
  const next = [...entries.slice(0, i), ...change(), ...entries.slice(i + 1)]
  return isList ? next.map(([, item]) => item) : Object.fromEntries(next)
}

const others: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  null,
  true,
  0,
  -1,
  0.5,
  3,
  'flip',
  'none',
  'any',
  'nothing',
  '',
  [],
  [0.2, 0.4],
  ['flip'],
  {},
  { flip: {} },
  { cosine: 1 },
  { block: null },
  { constant: { value: 1 } },
  { flip: {}, blur: {} },
)

describe('the schema', () => {
  test('accepts all that decodes', () => {
    fc.assert(
      fc.property(documents(registry, STAGES), (document) => agree(document)),
      { numRuns: 100, seed: 1 },
    )
  })

  test('refuses what does not decode, but for what it cannot tell', () => {
    let refused = 0
    const small = parse(SMALL) as Json
    fc.assert(
      fc.property(
        fc.oneof(fc.constant(small), documents(registry, STAGES) as fc.Arbitrary<Json>),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
        fc.nat(4),
        others,
        (document, path, how, by) => {
          const next = changed(document, path, how, by)
          if (problemsIn(next).length > 0) refused++
          agree(next)
        },
      ),
      { numRuns: 1000, seed: 1 },
    )
    expect(refused).toBeGreaterThan(500)
  })

  test('refuses with few errors: an op is told by its one key', () => {
    expect(validate(parse(SMALL.replace('heads: 3', 'heads: three')))).toBe(false)
    expect(validate.errors?.map((error) => [error.instancePath, error.keyword])).toContainEqual(['/pipeline/3/vit/heads', 'type'])
    expect(validate.errors!.length).toBeLessThan(5)
  })

  test('has what an editor shows', () => {
    const schema = jsonSchema(registry) as { definitions: Record<string, never> }
    expect(Object.keys(schema.definitions)).toEqual(['stage', 'schedule', 'augmentation', 'mask', 'transform', 'distribution'])
    expect(schema.definitions.mask).toMatchInlineSnapshot(`
      {
        "anyOf": [
          {
            "additionalProperties": false,
            "maxProperties": 1,
            "minProperties": 1,
            "properties": {
              "block": {
                "anyOf": [
                  {
                    "additionalProperties": false,
                    "properties": {
                      "ratio": {
                        "anyOf": [
                          {
                            "maximum": 1,
                            "minimum": 0,
                            "type": "number",
                          },
                          {
                            "items": {
                              "maximum": 1,
                              "minimum": 0,
                              "type": "number",
                            },
                            "maxItems": 2,
                            "minItems": 2,
                            "type": "array",
                          },
                        ],
                        "description": "share that is hidden",
                      },
                      "shape": {
                        "default": "any",
                        "description": "shape",
                        "enum": [
                          "square",
                          "any",
                        ],
                      },
                    },
                    "required": [
                      "ratio",
                    ],
                    "type": "object",
                  },
                  {
                    "anyOf": [
                      {
                        "maximum": 1,
                        "minimum": 0,
                        "type": "number",
                      },
                      {
                        "items": {
                          "maximum": 1,
                          "minimum": 0,
                          "type": "number",
                        },
                        "maxItems": 2,
                        "minItems": 2,
                        "type": "array",
                      },
                    ],
                  },
                ],
                "description": "Hides rectangles.",
              },
              "mixture": {
                "anyOf": [
                  {
                    "additionalProperties": false,
                    "properties": {
                      "masks": {
                        "description": "which",
                        "items": {
                          "$ref": "#/definitions/mask",
                        },
                        "minItems": 1,
                        "type": "array",
                      },
                      "weights": {
                        "description": "how likely each is",
                        "items": {
                          "minimum": 0,
                          "type": "number",
                        },
                        "minItems": 1,
                        "type": "array",
                      },
                    },
                    "required": [
                      "masks",
                    ],
                    "type": "object",
                  },
                  {
                    "items": {
                      "$ref": "#/definitions/mask",
                    },
                    "minItems": 1,
                    "type": "array",
                  },
                ],
                "description": "One of several masks.",
              },
              "none": {
                "additionalProperties": false,
                "description": "Hides nothing.",
                "properties": {},
                "type": [
                  "object",
                  "null",
                ],
              },
            },
            "type": "object",
          },
          {
            "enum": [
              "none",
            ],
          },
        ],
      }
    `)
    expect(schema.definitions.augmentation).toHaveProperty('anyOf.0.properties.crop.anyOf.0.properties.p.default', 1)
  })

  test('is the same each time', () => {
    expect(JSON.stringify(jsonSchema(registry))).toBe(JSON.stringify(jsonSchema(registry)))
  })
})
