/** Help, version, mistakes in the arguments, and what is loaded for them. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BIN, folder, ibot, ROOT, start, TINY } from './ibot'

test('--help', async () => {
  const { code, stdout, stderr } = await ibot('--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: ibot [options] [command]

    iBOT self-supervised image pre-training, as pipelines of typed stages

    Options:
      -V, --version                 print the version
      -h, --help                    print this help

    Commands:
      init [options] [dir]          write a pipeline for pictures of your own
      ls [options]                  list the recipes that come with ibot
      cp [options] <recipe> [file]  copy a recipe, to change it
      run [options] [file]          train a pipeline, or go on with a run
      launch [options] [file]       train a pipeline in several processes on this machine
      check [options] <file>        find what is wrong with a pipeline, or show what it is going to be
      show [options] <file>         print a pipeline in full
      data [options] <file>         describe the pictures of a pipeline, or of a folder
      view [options] <file>         make pictures of what the networks see: views and masks
      replay [options] <dir>        run the step that gave non-finite numbers again, op by op
      export [options] <dir>        write a run's network for other programs
      eval [options] <dir>          measure a run's network by probes
      features [options] <dir>      write a run's features of pictures for other programs
      report [options] <run>        make the report of a run
      compare [options] <runs...>   set runs beside each other
      sweep [options] <file>        train a pipeline with every combination of several values
      import [options] <file>       take over what other programs have trained
      explain [options] [op]        explain an op and its parameters; without a name, list all ops
      schema [options]              print the JSON Schema of pipelines
      completion <shell>            print what completes commands in a shell
      setup [options]               fetch TensorFlow's library, or what GPUs need
      doctor [options]              report what would compute here, and what is wrong
      help [command]                print the help of a command

    Examples:
      $ ibot check pipelines/quickstart.yaml  what is this pipeline going to be?
      $ ibot run pipelines/quickstart.yaml    train it
      $ ibot explain vit                      what can be set?
    "
  `)
})

test('run --help', async () => {
  const { code, stdout } = await ibot('run', '--help')
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: ibot run [options] [file]

    Trains the pipeline in FILE and saves it in a folder of its own. Progress goes to stderr, the result
    to stdout.

    Arguments:
      file                the pipeline (YAML)

    Options:
      --set <path=value>  set one value of the pipeline; may be given several times
      --unset <path>      remove a parameter or a stage, before --set; may be given several times
      --ops <file>        load ops of your own from a JavaScript module; may be given several times
      --out <dir>         the folder of the run (default: runs/NAME)
      --resume [dir]      go on with the run in DIR, or with the pipeline's newest one
      --backend <name>    what computes (default: xla where there is a GPU, else tensorflow if it can be
                          had, or what a run began with) (choices: "xla", "tensorflow", "wasm", "cpu")
      --no-download       fetch neither TensorFlow's library nor data that aren't there
      --verify-data       hash what every picture holds: to record it when a run begins, to compare it
                          when it goes on
      --alone             train in this process alone, though its environment says that it is one of
                          several (docs/scaling.md)
      --trusted-network   let processes that train together talk over public addresses, where a firewall
                          keeps others out
      --json              write events as JSON Lines, and the summary as the last of them
      -h, --help          print this help

    Examples:
      $ ibot run pipelines/quickstart.yaml                       begin a run
      $ ibot run pipelines/quickstart.yaml --set train.batch=64  with another batch
      $ ibot run --resume runs/quickstart                        go on with a run that was stopped
      $ ibot run --resume runs/quickstart --verify-data          after its pictures were compared with those that it began with
      $ ibot run pipelines/quickstart.yaml --json | tail -1      the summary only, as JSON
    "
  `)
})

test.each(['check', 'show', 'compare', 'sweep', 'explain', 'schema', 'setup', 'doctor'])(
  '%s --help ends with examples',
  async (command) => {
    const { code, stdout } = await ibot(command, '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`\nExamples:\n( +\\$ ibot ${command}\\b.*\n)+$`))
  },
)

test('--version is that of the package', async () => {
  const { version } = await import(join(ROOT, 'package.json'))
  expect(await ibot('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([['--help'], ['--version'], ['run', '--help']])('%s %s loads nothing large', (...args) => {
  const list =
    'process.on("exit",()=>process.stderr.write(JSON.stringify(Object.keys(require.cache).filter(k=>/node_modules/.test(k)).map(k=>k.replace(/.*node_modules./,"").replace(/^([^@/]+|@[^/]+.[^/]+).*/,"$1")))))'
  const preload = join(folder({ 'list.cjs': list }), 'list.cjs')
  const { stderr } = spawnSync(process.execPath, ['--require', preload, BIN, ...args], { encoding: 'utf8' })
  expect([...new Set(JSON.parse(stderr))]).toEqual(['@commander-js/extra-typings', 'commander', 'picocolors'])
})

test.each([
  [['rnu'], "error: unknown command 'rnu'\n(Did you mean run?)\nSee 'ibot --help'.\n"],
  [['run', 'x.yaml', '--bakend', 'cpu'], "error: unknown option '--bakend'\n(Did you mean --backend?)\nSee 'ibot run --help'.\n"],
  [
    ['run', 'x.yaml', '--backend', 'gpu'],
    "error: option '--backend <name>' argument 'gpu' is invalid. Allowed choices are xla, tensorflow, wasm, cpu.\nSee 'ibot run --help'.\n",
  ],
  [['check'], "error: missing required argument 'file'\nSee 'ibot check --help'.\n"],
  [
    ['run', 'tiny.yaml', '--resume', '--out', 'x'],
    "error: option '--out <dir>' cannot be used with option '--resume [dir]'\nSee 'ibot run --help'.\n",
  ],
])('%j is refused', async (args, stderr) => {
  expect(await ibot(...args)).toEqual({ code: 2, stdout: '', stderr })
})

test('without a command, the help goes to stderr', async () => {
  const { code, stdout, stderr } = await ibot()
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('Usage: ibot')
})

test('a mistake of ours prints its stack and how to report it', async () => {
  const cwd = folder({ 'break.cjs': 'JSON.stringify = () => { throw new TypeError("broken on purpose") }' })
  const { code, stdout, stderr } = await start(cwd, ['schema'], { NODE_OPTIONS: `--require ${join(cwd, 'break.cjs')}` })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(
    /^bug {2}this is a mistake in ibot.*\nTypeError: broken on purpose\n +at [\s\S]*Please report it[\s\S]*ibot \d/,
  )
})

test('a reader that goes away is no failure', () => {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-o', 'pipefail', '-c', `'${process.execPath}' '${BIN}' schema | head -1`],
    {
      encoding: 'utf8',
    },
  )
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '{\n', stderr: '' })
})

test.skipIf(!existsSync('/dev/full'))(
  'stdout that cannot be written ends with 3 and a message; the work is done all the same',
  async () => {
    const cwd = folder({ 'tiny.yaml': TINY })
    const full = (...args: readonly string[]) =>
      spawnSync('bash', ['-c', `'${process.execPath}' '${BIN}' "$@" > /dev/full`, 'bash', ...args], { encoding: 'utf8', cwd })
    for (const args of [['--version'], ['explain'], ['check', 'tiny.yaml', '--json']])
      expect(full(...args)).toMatchObject({
        status: 3,
        stderr:
          'error  cannot write to stdout, so that some of it is lost: no space is left on the disk\n  Free some space or choose another disk.\n',
      })
    const run = full('run', 'tiny.yaml', '--json', '--backend', 'cpu')
    expect(run.status).toBe(3)
    expect(run.stderr.match(/cannot write to stdout/g)).toHaveLength(1)
    expect(existsSync(join(cwd, 'runs', 'tiny', 'checkpoints', 'step-00000004.safetensors'))).toBe(true)
  },
)

test.each([
  [{}, false],
  [{ CI: '1' }, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  [{ FORCE_COLOR: '0' }, false],
])('colours with %j: %j', async (env, colored) => {
  expect((await start(folder(), ['--help'], env)).stdout.includes('\x1b[')).toBe(colored)
})
