/** Completion: the scripts are sourced in the shells that are here, and asked as Tab asks them. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, ibot, start } from './ibot'

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

/** A line up to the cursor, and what it may go on with, all of it or some. */
const CASES: readonly (readonly [line: string, some: readonly string[], others?: readonly string[]])[] = [
  ['ibot co', ['compare', 'completion'], ['run']],
  ['ibot run --ba', ['--backend'], ['--set']],
  ['ibot run --backend ', ['xla', 'tensorflow', 'wasm', 'cpu'], ['mine.yaml']],
  ['ibot run m', ['mine.yaml'], ['other.txt']],
  ['ibot export runs/one --to on', ['onnx'], ['timm']],
  ['ibot export ', ['runs/one', 'runs/two'], ['mine.yaml']],
  ['ibot view att', ['attention'], ['pca']],
  ['ibot view attention ', ['runs/one', 'runs/two']],
  ['ibot cp qui', ['quickstart'], ['mnist']],
  ['ibot explain vitS', ['vitSmall'], ['vitBase']],
  ['ibot init --da', ['--data']],
  ['ibot completion ', ['bash', 'zsh', 'fish']],
]

/** A folder with the script, two runs and two files. */
const prepared = async (shell: string): Promise<string> => {
  const files = { 'runs/one/run.json': '{}', 'runs/two/run.json': '{}', 'mine.yaml': 'name: a\n', 'other.txt': '' }
  const root = folder(files)
  const { code, stdout, stderr } = await start(root, ['completion', shell])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  writeFileSync(join(root, 'script'), stdout)
  return root
}

const expectAnswers = (answer: (line: string) => readonly string[]): void => {
  for (const [line, some, others = []] of CASES) {
    const words = answer(line)
    expect(words, line).toEqual(expect.arrayContaining([...some]))
    for (const other of others) expect(words, line).not.toContain(other)
  }
}

test.skipIf(!has('bash'))('bash', async () => {
  const cwd = await prepared('bash')
  expectAnswers((line) => {
    const words = line.split(' ').map((word) => `'${word}'`)
    const code = `source ./script; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _ibot; printf '%s\\n' "\${COMPREPLY[@]}"`
    // compopt may be called only while bash itself completes.
    const { status, stdout } = spawnSync('bash', ['--norc', '-c', code], { cwd, encoding: 'utf8' })
    expect(status).toBe(0)
    return stdout.split('\n')
  })
})

test.skipIf(!has('fish'))('fish', async () => {
  const cwd = await prepared('fish')
  expectAnswers((line) => {
    const { stdout, stderr } = spawnSync('fish', ['-N', '-c', `source ./script; complete -C '${line}'`], {
      cwd,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    return stdout.split('\n').map((one) => one.split('\t')[0]!)
  })
})

/** A shell at a terminal of its own, to which a line and Tab are typed; its answer is the line that comes of it. */
const TYPED = `zmodload zsh/zpty
zpty z zsh -f -i
typed() { local all= part; repeat 100 { if zpty -r -t z part; then all+=$part; [[ $all == *$1* ]] && break; else sleep 0.1; fi }; print -r -- $all }
zpty -w z 'PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source ./script; print REA""DY'
typed READY > /dev/null
zpty -w -n z $1$'\\t\\n'
zpty -w z 'print DO""NE'
typed DONE`

test.skipIf(!has('zsh'))(
  'zsh',
  async () => {
    const cwd = await prepared('zsh')
    expect(spawnSync('zsh', ['-n', 'script'], { cwd, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    for (const [line, whole] of [
      ['ibot run --ba', 'ibot run --backend'],
      ['ibot completi', 'ibot completion'],
      ['ibot view atten', 'ibot view attention'],
      ['ibot cp quick', 'ibot cp quickstart'],
      ['ibot run mi', 'ibot run mine.yaml'],
      ['ibot export runs/on', 'ibot export runs/one'],
      ['ibot run --backend was', 'ibot run --backend wasm'],
    ] as const) {
      const { stdout } = spawnSync('zsh', ['-f', '-c', TYPED, 'zsh', line], {
        cwd,
        encoding: 'utf8',
        env: { ...process.env, TERM: 'dumb' },
      })
      expect(stdout.replace(/[^\x20-\x7e]/g, ''), line).toContain(whole)
    }
  },
  120_000,
)

test('another shell is refused', async () => {
  const { code, stderr } = await ibot('completion', 'tcsh')
  expect(code).toBe(2)
  expect(stderr).toContain('Allowed choices are bash, zsh, fish')
})
