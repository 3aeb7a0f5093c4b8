/** The command line: what each command does is joined to its definition here, and loaded only when it is called. */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { defect, exitCode } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { version } from '../base/version'
import { checkCommand } from './command/check'
import { compareCommand } from './command/compare'
import { completionCommand } from './command/completion'
import { cpCommand } from './command/cp'
import { dataCommand } from './command/data'
import { doctorCommand } from './command/doctor'
import { evalCommand } from './command/eval'
import { explainCommand } from './command/explain'
import { exportCommand } from './command/export'
import { featuresCommand } from './command/features'
import { importCommand } from './command/import'
import { initCommand } from './command/init'
import { launchCommand } from './command/launch'
import { lsCommand } from './command/ls'
import { examples } from './command/options'
import { replayCommand } from './command/replay'
import { reportCommand } from './command/report'
import { runCommand } from './command/run'
import { schemaCommand } from './command/schema'
import { setupCommand } from './command/setup'
import { showCommand } from './command/show'
import { sweepCommand } from './command/sweep'
import { viewCommand } from './command/view'
import { attentionCommand, correspondenceCommand, pcaCommand } from './command/viewNetwork'
import type { Outcome } from './report'
import { err, flushed, onLost, out } from './terminal'

const USAGE = 2
const UNFINISHED = 1

/** Does what a command comes to, and remembers its exit code. */
type Perform = (outcome: Outcome) => Promise<void>

/** `ibot view`, and the commands below it. */
const viewCommands = (perform: Perform): CommandUnknownOpts =>
  viewCommand()
    .action(async (file, options) => perform((await import('./view.js')).view(file, options)))
    .addCommand(
      attentionCommand().action(async (run, options) => perform((await import('./viewNetwork.js')).viewAttention(run, options))),
    )
    .addCommand(
      pcaCommand().action(async (run, options) => perform((await import('./viewNetwork.js')).viewComponents(run, options))),
    )
    .addCommand(
      correspondenceCommand().action(async (run, options) =>
        perform((await import('./viewNetwork.js')).viewCorrespondence(run, options)),
      ),
    )

/** All commands, in the order of the help. */
const commandsOf = (perform: Perform): readonly CommandUnknownOpts[] => [
  initCommand().action(async (dir, options) => perform((await import('./init.js')).initCommand(dir, options))),
  lsCommand().action(async (options) => perform((await import('./ls.js')).ls(options))),
  cpCommand().action(async (recipe, file, options) => perform((await import('./cp.js')).cp(recipe, file, options))),
  runCommand().action(async (file, options) => perform((await import('./run.js')).run(file, options))),
  launchCommand().action(async (file, options) => perform((await import('./launch.js')).launch(file, options))),
  checkCommand().action(async (file, options) => perform((await import('./check.js')).check(file, options))),
  showCommand().action(async (file, options) => perform((await import('./show.js')).show(file, options))),
  dataCommand().action(async (file, options) => perform((await import('./data.js')).data(file, options))),
  viewCommands(perform),
  replayCommand().action(async (dir, options) => perform((await import('./replay.js')).replay(dir, options))),
  exportCommand().action(async (dir, options) => perform((await import('./export.js')).exportNetwork(dir, options))),
  evalCommand().action(async (dir, options) => perform((await import('./eval.js')).evaluate(dir, options))),
  featuresCommand().action(async (dir, options) => perform((await import('./features.js')).features(dir, options))),
  reportCommand().action(async (run, options) => perform((await import('./runReport.js')).runReportCommand(run, options))),
  compareCommand().action(async (runs, options) => perform((await import('./compare.js')).compare(runs, options))),
  sweepCommand().action(async (file, options) => perform((await import('./sweep.js')).sweepRuns(file, options))),
  importCommand().action(async (file, options) => perform((await import('./import.js')).importCommand(file, options))),
  explainCommand().action(async (name, options) => perform((await import('./explain.js')).explain(name, options))),
  schemaCommand().action(async (options) => perform((await import('./schema.js')).schema(options))),
  completionCommand().action(async (shell, _options, command) =>
    perform((await import('./completion.js')).completion(shell, command.parent!)),
  ),
  setupCommand().action(async (options) => perform((await import('./setup.js')).setup(options))),
  doctorCommand().action(async (options) => perform((await import('./doctor.js')).doctor(options))),
]

/** A command as it is written, with those that it belongs to. */
const fullName = (command: CommandUnknownOpts): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`

const programOf = (perform: Perform): CommandUnknownOpts => {
  const program = new Command('ibot')
    .description('iBOT self-supervised image pre-training, as pipelines of typed stages')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      examples(
        ['ibot check pipelines/quickstart.yaml', 'what is this pipeline going to be?'],
        ['ibot run pipelines/quickstart.yaml', 'train it'],
        ['ibot explain vit', 'what can be set?'],
      ),
    )
  for (const command of commandsOf(perform)) program.addCommand(command.helpOption('-h, --help', 'print this help'))
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command
      .exitOverride()
      .configureOutput({ writeOut: out.write, writeErr: err.write, getOutHasColors: () => true, getErrHasColors: () => true })
      .configureHelp({ helpWidth: 100, styleTitle: out.colors.bold })
      .showHelpAfterError(`See '${fullName(command)} --help'.`)
  return program
}

/** Runs one command; gives its exit code. */
export const main = async (argv: readonly string[]): Promise<number> => {
  let code = 0
  const program = programOf(async (outcome) => {
    code = await outcome()
  })
  try {
    await program.parseAsync(argv)
    return code
  } catch (error) {
    // Help and version end this way too. What is wrong with the arguments has been told.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
    return bug(error)
  }
}

/** What a command throws is a mistake of ours, or of too few open files. */
const bug = async (error: unknown): Promise<number> => {
  try {
    const { report } = await import('./report.js')
    return report(defect(error))
  } catch {
    // Not even that can be loaded: the least that can be said, as it would be.
    const failure = defect(error)
    err.write(failure._tag === 'Missing' ? `error  ${failure.message}\n  ${failure.remedy}\n` : `bug  ${String(error)}\n`)
    return exitCode(failure)
  }
}

/** What can't be written is missing, whatever else the command has done. */
const unwritten = async (stream: string, error: Error): Promise<number> => {
  const { report } = await import('./report.js')
  return report(fileFailure(`cannot write to ${stream}, so that some of it is lost`)(error))
}

const unfinished = (): Promise<number> => bug(new Error('the command stands still: what it waits for will never come'))

/** The process: runs the command in its arguments, then ends. */
export const start = (argv: readonly string[]): void => {
  let lost: Promise<number> | undefined
  onLost((stream, error) => {
    lost = unwritten(stream, error)
  })
  // Node ends a process in which nothing can happen any more, with exit code 0. A command that isn't done by then has failed.
  process.exitCode = UNFINISHED
  // The first time, a run's lock has heard of it too, and ends the run in words.
  process.once('beforeExit', () => {
    process.once('beforeExit', () => void unfinished().then(exit))
    setImmediate(() => undefined)
  })
  const exit = async (code: number): Promise<void> => {
    // What may still be open (a backend's threads, say) must not keep it alive.
    process.exitCode = code
    await flushed()
    const last = code === 0 && lost !== undefined ? await lost : code
    await flushed()
    process.exit(last)
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => void bug(error).then(exit))
  void main(argv).then(exit)
}
