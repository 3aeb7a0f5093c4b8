/** What holds for every pipeline, whatever it consists of. */
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { checkDocument, planOf } from '../../src/dsl/check'
import type { Plan } from '../../src/dsl/plan'
import { toYaml } from '../../src/dsl/print'
import { readPlan } from '../../src/dsl/read'
import { stageKind } from '../../src/dsl/spec'
import { opToTypeScript, toTypeScript } from '../../src/dsl/typescript'
import { documents } from './arbitrary'
import { evaluate, evaluateModule } from './evaluate'
import { registry } from './registry'
import { MANY, SMALL, STAGES } from './samples'

const runs = (numRuns: number) => ({ numRuns, seed: 20 })
const all = documents(registry, STAGES)

const planIn = (document: unknown): Plan => {
  const plan = planOf(registry, document)
  if (E.isLeft(plan)) throw new Error(JSON.stringify(plan.left))
  return plan.right
}

const read = (yaml: string): Plan => {
  const plan = readPlan(registry, 'a.yaml', yaml)
  if (E.isLeft(plan)) throw new Error(`${JSON.stringify(plan.left)}\n${yaml}`)
  return plan.right.plan
}

describe('decoding', () => {
  test('is idempotent', () => {
    fc.assert(
      fc.property(all, (document) => {
        const plan = planIn(document)
        expect(planIn(plan)).toEqual(plan)
      }),
      runs(150),
    )
  })

  test('does not depend on how the YAML is laid out', () => {
    fc.assert(
      fc.property(all, fc.constantFrom('BLOCK', 'FLOW'), (document, collectionStyle) => {
        expect(read(stringify(document, { collectionStyle: collectionStyle as 'any' }))).toEqual(planIn(document))
      }),
      runs(100),
    )
  })

  test('leaves what it is given as it is', () => {
    fc.assert(
      fc.property(all, (document) => {
        const before = structuredClone(document)
        planIn(document)
        expect(document).toEqual(before)
      }),
      runs(50),
    )
  })

  test('what is written in TypeScript makes the same plan as in YAML', () => {
    fc.assert(
      fc.property(all, (document) => {
        const stages = document.pipeline.map((stage) => opToTypeScript(registry, stageKind, stage as never))
        const made = evaluate(`[${stages.join(', ')}].reduce((plan, stage) => stage(plan), pipeline('${document.name}'))`)
        expect(planIn(made)).toEqual(planIn(document))
      }),
      runs(150),
    )
  })
})

describe('printing', () => {
  test('YAML that is printed reads back as the same plan', () => {
    fc.assert(
      fc.property(all, (document) => {
        const plan = planIn(document)
        const yaml = toYaml(plan, 'Some header:\n- with lines')
        expect(read(yaml)).toEqual(plan)
        expect(toYaml(read(yaml), 'Some header:\n- with lines')).toBe(yaml)
      }),
      runs(200),
    )
  })

  test('TypeScript that is printed makes the same plan', () => {
    fc.assert(
      fc.property(fc.oneof(all, documents(registry, MANY)), (document) => {
        const plan = planIn(document)
        expect(evaluateModule(toTypeScript(registry, plan, 'A header, also with */'))).toEqual(plan)
      }),
      runs(150),
    )
  })
})

describe('mistakes', () => {
  const edit = fc.record({
    at: fc.nat(SMALL.length),
    remove: fc.nat(3),
    insert: fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        '\t',
        '\n',
        ':',
        ': ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '&a ',
        '*a',
        '*decay',
        '!x ',
        '"',
        "'",
        '#',
        '|',
        '\r\n',
        '---\n',
        '%',
        '<<: ',
        '__proto__',
        ',',
        '1',
        'x',
        '? ',
        '\u0000',
        '\ufeff',
        '\ud800',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  })

  test('whatever is written, nothing is thrown and every problem has a place', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2 }),
        (edits, sets) => {
          const yaml = edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), SMALL)
          const result = readPlan(registry, 'a.yaml', yaml, sets)
          if (E.isRight(result)) return
          expect(result.left.length).toBeGreaterThan(0)
          for (const { file, line, col, frame, message } of result.left) {
            const text = file === '--set' ? sets : yaml.split('\n')
            expect(line).toBeGreaterThan(0)
            expect(line).toBeLessThanOrEqual(file === '--set' ? 9 : text.length)
            expect(col).toBeGreaterThan(0)
            expect(frame).toMatch(/\| *\^+$/)
            expect(message).not.toBe('')
          }
        },
      ),
      runs(1500),
    )
  })

  test('a value of the wrong type gives one problem, in that value', () => {
    const lines = SMALL.split('\n')
    for (const [index, line] of lines.entries()) {
      for (const match of line.matchAll(/(?<=: )-?\d[\d.e-]*/g)) {
        const changed = lines.with(index, `${line.slice(0, match.index)}{ no: 1 }${line.slice(match.index + match[0].length)}`)
        const result = readPlan(registry, 'a.yaml', changed.join('\n'))
        expect(E.isLeft(result) && result.left.map(({ line, col }) => [line, col >= match.index! + 1])).toEqual([
          [index + 1, true],
        ])
      }
    }
  })

  test('a mistyped letter in a key gets the right suggestion', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const typos = (word: string): readonly string[] =>
      [...word].flatMap((_, i) => [
        word.slice(0, i) + word.slice(i + 1),
        word.slice(0, i) + letters[(i * 7 + word.length) % 26]! + word.slice(i + 1),
        word.slice(0, i) + letters[(i * 11 + 3) % 26]! + word.slice(i),
        word.slice(0, i) + (word[i + 1] ?? '') + word[i]! + word.slice(i + 2),
      ])
    let [right, count] = [0, 0]
    for (const spec of registry.ops.filter((one) => one.kind.name === 'stage')) {
      const known = Object.keys(spec.fields)
      for (const key of known)
        for (const typo of typos(key)) {
          if (typo === '' || known.includes(typo)) continue
          const { problems } = checkDocument(registry, { name: 'a', pipeline: [{ [spec.name]: { [typo]: 1 } }] })
          const told = problems.filter((problem) => problem.code === 'unknown-key')
          count++
          if (told.length === 1 && told[0]!.suggestion === `did you mean '${key}'?`) right++
        }
    }
    expect(count).toBeGreaterThan(300)
    expect(right / count).toBeGreaterThan(0.95)
  })
})
