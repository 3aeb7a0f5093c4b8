/**
 * Golden errors: each file errors/*.case holds a document, a line `---` (the last such line), and exactly what a user
 * is told about it. Comments at the top of the document, `# --set path=value`, are its overrides.
 *
 * To accept changed messages: UPDATE_CASES=1 npx vitest run test/dsl/errors.test.ts, then read the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { readPlan } from '../../src/dsl/read'
import { renderProblems } from '../../src/dsl/render'
import { registry } from './registry'

const FOLDER = join(__dirname, 'errors')
const SEPARATOR = '\n---\n'

const overridesOf = (yaml: string): readonly string[] => [...yaml.matchAll(/^# --set (.*)$/gm)].map((match) => match[1]!)

for (const file of readdirSync(FOLDER).sort()) {
  test(file, () => {
    const path = join(FOLDER, file)
    const whole = `\n${readFileSync(path, 'utf8')}`
    const end = whole.lastIndexOf(SEPARATOR)
    const [yaml, expected] = [whole.slice(1, end + 1), whole.slice(end + SEPARATOR.length)]
    const result = readPlan(registry, file.replace(/case$/, 'yaml'), yaml, overridesOf(yaml))
    const told = E.isLeft(result) ? `${renderProblems(result.left)}\n` : ''
    if (process.env.UPDATE_CASES === '1') writeFileSync(path, `${yaml}---\n${told}`)
    else expect(told).toBe(expected)
    expect(told).not.toBe('')
  })
}
