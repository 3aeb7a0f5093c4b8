import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Plan } from '../../src/dsl/plan'
import { flow, numberText, toYaml } from '../../src/dsl/print'
import { readPlan } from '../../src/dsl/read'
import { toTypeScript } from '../../src/dsl/typescript'
import { registry } from './registry'
import { SMALL } from './samples'

const plan = ((): Plan => {
  const result = readPlan(registry, 'a.yaml', SMALL)
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right.plan
})()

test('a pipeline as YAML', () => {
  expect(toYaml(plan, 'What it is.')).toMatchInlineSnapshot(`
    "# What it is.
    name: small
    pipeline:
      - source: { path: data, batch: 64, channels: 3 }
      - views:
          global:
            - times: 2
              augment:
                - crop: { size: 32, scale: [0.25, 1] }
                - sometimes: { p: 0.5, augmentations: [flip: {}] }
                - sometimes: { p: 0.5, augmentations: [blur: { radius: [1, 1] }] }
          local:
            - times: 3
              augment: [flip: {}]
      - masking: { mask: { mixture: { masks: [none: {}, block: { ratio: [0.1, 0.5], shape: any }] } } }
      - vit: { width: 48, depth: 12, heads: 3, qkvBias: true }
      - head: { out: 8192, hidden: [2048] }
      - teacher: { momentum: { cosine: { from: 0.996, to: 1, warmupEpochs: 0 } } }
      - loss:
          weight: 1
          target: [centred: { momentum: 0.9 }, softmax: { temperature: { constant: { value: 0.1 } } }]
      - adamw:
          lr: { constant: { value: 5e-4 } }
          weightDecay: { cosine: { from: 0.04, to: 0.4, warmupEpochs: 0 } }
          betas: [0.9, 0.999]
      - train: { epochs: 5, seed: 0 }
    "
  `)
})

test('a pipeline as TypeScript', () => {
  expect(toTypeScript(registry, plan, 'What it is.')).toMatchInlineSnapshot(`
    "import {
      adamw,
      block,
      blur,
      centred,
      constant,
      cosine,
      crop,
      flip,
      head,
      loss,
      masking,
      mixture,
      none,
      pipe,
      pipeline,
      softmax,
      sometimes,
      source,
      teacher,
      train,
      views,
      vit,
    } from 'ibot'

    /**
     * What it is.
     */
    export const small = pipe(
      pipeline('small'),
      source({ path: 'data', batch: 64, channels: 3 }),
      views({
        global: [
          {
            times: 2,
            augment: [
              crop({ size: 32, scale: [0.25, 1] }),
              sometimes({ p: 0.5, augmentations: [flip()] }),
              sometimes({ p: 0.5, augmentations: [blur({ radius: [1, 1] })] }),
            ],
          },
        ],
        local: [{ times: 3, augment: [flip()] }],
      }),
      masking({ mask: mixture({ masks: [none(), block({ ratio: [0.1, 0.5], shape: 'any' })] }) }),
      vit({ width: 48, depth: 12, heads: 3, qkvBias: true }),
      head({ out: 8192, hidden: [2048] }),
      teacher({ momentum: cosine({ from: 0.996, to: 1, warmupEpochs: 0 }) }),
      loss({
        weight: 1,
        target: [centred({ momentum: 0.9 }), softmax({ temperature: constant({ value: 0.1 }) })],
      }),
      adamw({
        lr: constant({ value: 5e-4 }),
        weightDecay: cosine({ from: 0.04, to: 0.4, warmupEpochs: 0 }),
        betas: [0.9, 0.999],
      }),
      train({ epochs: 5, seed: 0 }),
    )
    "
  `)
})

test('more stages than one pipe takes', () => {
  const long: Plan = { name: '8-bit.vit', pipeline: Array.from({ length: 21 }, () => ({ head: {} })) }
  expect(
    toTypeScript(registry, long).replace(/( +head\(\),\n)+/g, (run) => `    … ${run.split('\n').length - 1}\n`),
  ).toMatchInlineSnapshot(`
    "import { head, pipe, pipeline } from 'ibot'

    export const plan8BitVit = pipe(
      pipe(
        pipeline('8-bit.vit'),
        … 19
      ),
        … 2
    )
    "
  `)
})

test('the constant has a name that nothing else has', () => {
  const named = (name: string) => /const (\w+)/.exec(toTypeScript(registry, { name, pipeline: [{ head: {} }] }))?.[1]
  expect(['small', 'ibot-vits16-in1k', 'head', 'class', '2nd', 'pipeline'].map(named)).toEqual([
    'small',
    'ibotVits16In1k',
    'headPlan',
    'classPlan',
    'plan2nd',
    'pipelinePlan',
  ])
})

describe('values', () => {
  test.each([
    [0.0005, '5e-4'],
    [0.00001, '1e-5'],
    [0.00025, '2.5e-4'],
    [0.04, '0.04'],
    [0.996, '0.996'],
    [1281167, '1281167'],
    [1e21, '1e+21'],
    [-0.5, '-0.5'],
    [-0, '-0'],
  ])('the number %d is written %s', (n, text) => {
    expect(numberText(n)).toBe(text)
    expect(parse(text)).toBe(n)
  })

  test.each([
    'true',
    '0x1f',
    '12',
    '1_000',
    '2001-01-01',
    '...',
    'No',
    'null',
    '~',
    '.5',
    '.inf',
    '1e3',
    'a: b',
    'a #b',
    'a,b',
    '- a',
    ' a',
    'a ',
    '',
    '*a',
    'a\nb',
    '\u0085',
    "it's",
  ])('the text %j is put between quotes', (text) => {
    expect(flow(text)).toMatch(/^"/)
    expect(parse(`[${flow(text)}]`)).toEqual([text])
  })

  test.each(['data/imagenet/train', '10 epochs', '2.5%', '.hidden', '8-bit', '../a.b', 'two words', 'linear', 'vit-s_16+'])(
    'the text %j is not',
    (text) => {
      expect(flow(text)).toBe(text)
      expect(parse(`{ a: ${text} }`)).toEqual({ a: text })
    },
  )
})
