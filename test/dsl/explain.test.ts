import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { decoder } from '../../src/dsl/decode'
import { exampleOf } from '../../src/dsl/example'
import { explain, overview } from '../../src/dsl/explain'
import { opsMarkdown } from '../../src/dsl/markdown'
import { opToYaml } from '../../src/dsl/print'
import { stageKind } from '../../src/dsl/spec'
import { op } from '../../src/dsl/type'
import { opToTypeScript } from '../../src/dsl/typescript'
import { evaluate } from './evaluate'
import { registry } from './registry'

const told = (name: string): string => {
  const text = explain(registry, name)
  return E.isRight(text) ? text.right : `${text.left.message}; ${text.left.suggestion}`
}

test('an op', () => {
  expect(told('cosine')).toMatchInlineSnapshot(`
    "cosine: a schedule

      Half a cosine from one value to another.
      to + (from - to) · (1 + cos πx) / 2
      Source: arXiv 1608.03983, equation 5

    Parameters
      name          type                      default   meaning
      from          a number                  required  first value
      to            a number                  0         last value
      warmupEpochs  an integer, 0 or greater  0         epochs of linear warm-up
      'from' may be written alone: 'cosine: …'

    YAML
      cosine: { from: 0.5 }

    TypeScript
      cosine({ from: 0.5 })"
  `)
})

test('a stage', () => {
  expect(told('views')).toMatchInlineSnapshot(`
    "views: a stage

      Several views of each image.
      Needs: images
      Gives: views

    Parameters
      name              type                                default   meaning
      global            a list, each a mapping (1 to 4)     required  what student and teacher see
      global[].times    a positive integer                  1         how many
      global[].augment  an augmentation, or a list of them  required  how they are made
      local             a list, each a mapping              []        what only the student sees
      local[].times     a positive integer                  1         how many
      local[].augment   an augmentation, or a list of them  required  how they are made

    YAML
      views:
        global:
          - augment: [crop: { size: 1 }]

    TypeScript
      views({ global: [{ augment: [crop({ size: 1 })] }] })"
  `)
})

test('a kind', () => {
  expect(told('augmentation')).toMatchInlineSnapshot(`
    "augmentation
    any of them takes p: how likely it is applied
      crop       A random part of the image.
      blur       Blurs.
      flip       Mirrors; \`p\` is how often.
      sometimes  Augmentations applied with some probability.
      sequence   One after the other."
  `)
})

test('a name that nothing has', () => {
  expect(told('cosin')).toBe("there is no op or kind 'cosin'; did you mean 'cosine'?")
  expect(told('whatever')).toBe(
    "there is no op or kind 'whatever'; the kinds are stage, schedule, augmentation, mask, transform, distribution",
  )
})

test('the overview names every op once', () => {
  for (const { name, doc } of registry.ops)
    expect(overview(registry).split(new RegExp(`^  ${name} +${doc.slice(0, 5)}`, 'm'))).toHaveLength(2)
})

describe('the example', () => {
  test.each(registry.ops.map((spec) => [spec.name, spec] as const))('of %s decodes, in YAML and in TypeScript', (_, spec) => {
    const example = exampleOf(registry, spec)!
    const decode = (written: unknown) => decoder(registry, op(spec.kind)).decode(written)
    expect(E.isRight(decode(parse(opToYaml(example))))).toBe(true)
    const made = evaluate(opToTypeScript(registry, spec.kind, example as never))
    const stage =
      spec.kind === stageKind
        ? (made as (plan: unknown) => { pipeline: unknown[] })({ name: 'a', pipeline: [] }).pipeline[0]
        : made
    expect(decode(stage)).toEqual(decode(example))
  })
})

test('the reference is the same each time, with a section for every op', () => {
  const markdown = opsMarkdown(registry)
  expect(opsMarkdown(registry)).toBe(markdown)
  for (const { name } of registry.ops) expect(markdown.match(new RegExp(`^### ${name}$`, 'gm'))).toHaveLength(1)
  expect(markdown.slice(markdown.indexOf('### cosine'), markdown.indexOf('### piecewise'))).toMatchInlineSnapshot(`
    "### cosine

    Half a cosine from one value to another.

    \`\`\`
    to + (from - to) · (1 + cos πx) / 2
    \`\`\`

    | parameter | type | default | meaning |
    | --- | --- | --- | --- |
    | \`from\` | a number | required | first value |
    | \`to\` | a number | \`0\` | last value |
    | \`warmupEpochs\` | an integer, 0 or greater | \`0\` | epochs of linear warm-up |

    \`from\` may be written alone: \`cosine: …\`.

    \`\`\`yaml
    cosine: { from: 0.5 }
    \`\`\`

    \`\`\`ts
    cosine({ from: 0.5 })
    \`\`\`

    Source: arXiv 1608.03983, equation 5

    "
  `)
})
