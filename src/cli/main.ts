/** The command line: what the commands are called and take. What a command does is loaded only when it is called. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { NETWORKS } from '../base/networks'
import { version } from '../base/version'
import { BACKENDS, EAGER_BACKENDS } from '../engine/backend'
import { FORMATS } from '../export/formats'
import type { Outcome } from './report'
import { err, exit, forgiveClosedPipes, out } from './terminal'
import type { NetworkFigure } from './viewNetwork'

const USAGE = 2

/** Does what a command comes to, and remembers its exit code. */
type Perform = (outcome: Outcome) => Promise<void>

const examples = (...lines: readonly (readonly [command: string, meaning: string])[]): string => {
  const longest = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, meaning]) => `  $ ${command.padEnd(longest)}  ${meaning}`).join('\n')}`
}

const all = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
const setOption = (): Option =>
  new Option('--set <path=value>', 'set one value of the pipeline; may be given several times').argParser(all)

const opsOption = (): Option =>
  new Option('--ops <file>', 'load ops of your own from a JavaScript module; may be given several times').argParser(all)

/** A whole number of at least `least`. */
const whole =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return number
  }

const runCommand = (perform: Perform): Command =>
  new Command('run')
    .summary('train a pipeline, or go on with a run')
    .description(
      'Trains the pipeline in FILE and saves it in a folder of its own. Progress goes to stderr, the result to stdout.',
    )
    .argument('[file]', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(opsOption())
    .addOption(new Option('--out <dir>', 'the folder of the run (default: runs/NAME)').conflicts('resume'))
    .option('--resume [dir]', "go on with the run in DIR, or with the pipeline's newest one")
    .addOption(
      new Option('--backend <name>', 'what computes (default: tensorflow if it can be had, or what a run began with)').choices(
        BACKENDS,
      ),
    )
    .option('--no-download', "don't fetch TensorFlow's library if it isn't there")
    .option('--json', 'write events as JSON Lines, and the summary as the last of them')
    .addHelpText(
      'after',
      examples(
        ['ibot run pipelines/quickstart.yaml', 'begin a run'],
        ['ibot run pipelines/quickstart.yaml --set train.batch=64', 'with another batch'],
        ['ibot run --resume runs/quickstart', 'go on with a run that was stopped'],
        ['ibot run pipelines/quickstart.yaml --json | tail -1', 'the summary only, as JSON'],
      ),
    )
    .action(async (file, options) => perform((await import('./run.js')).run(file, options)))

const checkCommand = (perform: Perform): Command =>
  new Command('check')
    .summary('find what is wrong with a pipeline, or show what it is going to be')
    .description(
      'Reads FILE, opens its data, and tells all problems with their places, or sizes, parameters, schedules and steps, and what a step takes. Trains nothing.',
    )
    .argument('<file>', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(opsOption())
    .option('--json', 'write one JSON object: ok, problems, plan, forecast')
    .addHelpText(
      'after',
      examples(
        ['ibot check pipelines/quickstart.yaml', 'is it right, and what is it?'],
        ['ibot check pipelines/quickstart.yaml --set vit.depth=24', 'how large would it be?'],
        ['ibot check pipelines/quickstart.yaml --json', 'for other programs'],
      ),
    )
    .action(async (file, options) => perform((await import('./check.js')).check(file, options)))

const showCommand = (perform: Perform): Command =>
  new Command('show')
    .summary('print a pipeline in full')
    .description(
      "Prints the pipeline in FILE with every default written out, as YAML or as TypeScript, or the operations that a step of it becomes in TensorFlow's graph.",
    )
    .argument('<file>', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(opsOption())
    .option('--ts', 'as a TypeScript module')
    .addOption(new Option('--graph', "as the graph of a step, which takes TensorFlow's library").conflicts('ts'))
    .addHelpText(
      'after',
      examples(
        ['ibot show pipelines/quickstart.yaml', 'all values'],
        ['ibot show pipelines/quickstart.yaml --set vit.width=384 > mine.yaml', 'a pipeline of your own'],
        ['ibot show pipelines/quickstart.yaml --ts > quickstart.ts', 'the same in TypeScript'],
        ['ibot show pipelines/quickstart.yaml --graph | less', 'what a step computes'],
      ),
    )
    .action(async (file, options) => perform((await import('./show.js')).show(file, options)))

const dataCommand = (perform: Perform): Command =>
  new Command('data')
    .summary('tell what the pictures of a pipeline are, or of a folder')
    .description(
      "Reads the pictures of the pipeline in FILE, or those that lie there, and tells how many there are of each class, their sizes, mean and standard deviation, which are the same, and which can't be read.",
    )
    .argument('<file>', 'the pipeline (YAML); a folder of pictures; a list (.csv, .tsv, .txt), .tar, .parquet or .npy file')
    .addOption(setOption())
    .addOption(opsOption())
    .addOption(new Option('--images <n>', 'read so many only, spread evenly (default: all)').argParser(whole(1, 2 ** 31)))
    .option('--json', 'write one JSON object: ok, sets, common')
    .addHelpText(
      'after',
      examples(
        ['ibot data pipelines/quickstart.yaml', 'the data set, and that of its probe'],
        ['ibot data data/train --images 1000', 'a look at a large folder'],
        ['ibot data data/train --json', 'with the names of all duplicates'],
      ),
    )
    .action(async (file, options) => perform((await import('./data.js')).data(file, options)))

const viewNetworkCommand = (perform: Perform, kind: NetworkFigure, summary: string): Command =>
  new Command(kind)
    .summary(summary)
    .description(`Shows ${summary}, of the teacher in the newest checkpoint of a run, and writes it as PNG.`)
    .argument('<run>', "the run's folder")
    .option('--images <files...>', "pictures, or how many of the run's data", ['4'])
    .addOption(
      new Option('--size <pixels>', 'side to which pictures are brought (default: that of the global views)').argParser(
        whole(1, 4096),
      ),
    )
    .option('--out <path>', `where to write (default: RUN-${kind}.png, numbered if that exists)`)
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        [`ibot view ${kind} runs/quickstart`, 'some pictures of its data'],
        [`ibot view ${kind} runs/mine --images cat.jpg dog.jpg --size 480`, 'others, larger'],
      ),
    )
    .action(async (run, options) => perform((await import('./viewNetwork.js')).viewNetwork(kind, run, options)))

const viewCommand = (perform: Perform): Command =>
  new Command('view')
    .summary('make pictures of what the networks see: views and masks')
    .description(
      'Draws views and masks of some pictures of the pipeline in FILE (or of a run) exactly as training does, and writes them as a contact sheet (PNG) and as a page that opens without a network (HTML).',
    )
    .argument('<file>', "the pipeline (YAML), or a run's folder")
    .addOption(setOption())
    .addOption(opsOption())
    .addOption(new Option('--images <n>', 'how many pictures').argParser(whole(1, 256)).default(8))
    .addOption(new Option('--step <n>', 'the step, from 0, whose pictures are shown').argParser(whole(0, 2 ** 31)).default(0))
    .option('--out <path>', 'where to write, with or without .png (default: NAME-views, numbered if that exists)')
    .addHelpText(
      'after',
      examples(
        ['ibot view pipelines/quickstart.yaml', 'views and masks of 8 pictures'],
        ['ibot view my.yaml --images 4 --set views.global.0.times=1', 'with another value'],
        ['ibot view runs/quickstart --step 1000 --out seen', 'what a run sees at a step: seen.png and seen.html'],
      ),
    )
    .action(async (file, options) => perform((await import('./view.js')).view(file, options)))
    // Options behind the name of one of these are its own.
    .enablePositionalOptions()
    .addCommand(viewNetworkCommand(perform, 'attention', "what each head's [CLS] looks at, in the last block"))
    .addCommand(viewNetworkCommand(perform, 'pca', 'the principal components of patches as colours'))
    .addCommand(
      viewNetworkCommand(perform, 'correspondence', 'which patches of two pictures match').addOption(
        new Option('--matches <n>', 'how many lines a pair').argParser(whole(1, 1000)).default(16),
      ),
    )

const replayCommand = (perform: Perform): Command =>
  new Command('replay')
    .summary('run the step that gave non-finite numbers again, op by op')
    .description(
      'Runs the step that ended the run in DIR with a number that is none (NaN or infinite) again, op by op in float32, and tells which operation was the first to give one, where in the network it stands, and what it was given. Neither the data nor TensorFlow are needed.',
    )
    .argument('<dir>', 'the folder of the run')
    .addOption(new Option('--backend <name>', 'what computes').choices(EAGER_BACKENDS).default('wasm'))
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot replay runs/quickstart', 'where did it go wrong?'],
        ['ibot replay runs/quickstart --backend cpu', 'the same in plain JavaScript'],
      ),
    )
    .action(async (dir, options) => perform((await import('./replay.js')).replay(dir, options)))

const exportCommand = (perform: Perform): Command =>
  new Command('export')
    .summary("write a run's network for other programs")
    .description(
      "Writes the network of the run in DIR, from its newest checkpoint, and compares what it has written with the network on images of noise. What differs by more than 1e-4 isn't kept, and nothing is overwritten.",
    )
    .argument('<dir>', 'the folder of the run')
    .addOption(new Option('--to <format>', 'what to write').choices(FORMATS).makeOptionMandatory())
    .option('--out <path>', "where (default: a name below the run's folder, in exports)")
    .addOption(new Option('--network <which>', 'whose weights').choices(NETWORKS).default('teacher'))
    .option('--with-head', 'with the projection head')
    .option('--no-download', "don't fetch TensorFlow's library if a format needs it and it isn't there")
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot export runs/quickstart --to safetensors', 'weights under the official names'],
        ['ibot export runs/quickstart --to timm --out vit', 'for timm.create_model'],
        ['ibot export runs/quickstart --to tfjs', 'for browsers'],
        ['ibot export runs/quickstart --to onnx --with-head', 'the computation itself, with the head'],
      ),
    )
    .action(async (run, options) => perform((await import('./export.js')).exportNetwork(run, options)))

const reportCommand = (perform: Perform): Command =>
  new Command('report')
    .summary('make the page that tells of a run')
    .description(
      'Makes one page (HTML) that opens without a network from the folder of a run, finished or still going on: curves, schedules, k-NN, views and masks, the pipeline, and what it ran on.',
    )
    .argument('<run>', "the run's folder")
    .option('--out <file>', 'where to write (default: report.html in the folder, in place of an older one)')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot report runs/quickstart', 'writes runs/quickstart/report.html'],
        ['ibot report runs/quickstart --out today.html', 'elsewhere'],
      ),
    )
    .action(async (run, options) => perform((await import('./runReport.js')).runReportCommand(run, options)))

const importCommand = (perform: Perform): Command =>
  new Command('import')
    .summary('take over what other programs have trained')
    .description(
      'Reads a checkpoint of the official code, a network saved by PyTorch or as safetensors, or the arguments of an official run, and makes a folder of it: a run to go on with, weights with a pipeline that starts from them, or a pipeline. Pickles are read and never run.',
    )
    .argument('<file>', 'checkpoint.pth, weights (.pth, .safetensors), or args.txt')
    .requiredOption('--out <dir>', 'the folder to make, which must be empty')
    .option('--data <dir>', "the folder of the pictures (default: the official run's)")
    .option('--args <file>', "the official run's arguments, where they are not in the checkpoint")
    .addOption(new Option('--network <which>', 'take the weights of one network only').choices(NETWORKS))
    .addOption(setOption())
    .addOption(opsOption())
    .option('--json', 'write one JSON object')
    .addHelpText(
      'after',
      examples(
        ['ibot import checkpoint.pth --out runs/vit-small --data imagenet/train', 'go on with an official run'],
        ['ibot import checkpoint.pth --network teacher --out small', 'its teacher, to start from'],
        ['ibot import args.txt --out recipe', 'its arguments as a pipeline'],
      ),
    )
    .action(async (file, options) => perform((await import('./import.js')).importCommand(file, options)))

const explainCommand = (perform: Perform): Command =>
  new Command('explain')
    .summary('tell what an op is and takes; without a name, list all of them')
    .description('Tells what an op does, its parameters and defaults, and where it comes from. Without OP, lists all ops.')
    .argument('[op]', 'an op or a kind of ops')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot explain', 'all ops by kind'],
        ['ibot explain emaTeacher', 'one op'],
        ['ibot explain schedule', 'all schedules'],
      ),
    )
    .action(async (name, options) => perform((await import('./explain.js')).explain(name, options)))

const schemaCommand = (perform: Perform): Command =>
  new Command('schema')
    .summary('print the JSON Schema of pipelines')
    .description('Prints the JSON Schema (draft-07) of pipeline files, from which editors complete and check them.')
    .addOption(opsOption())
    .addHelpText('after', examples(['ibot schema > pipelines/schema.json', 'for the YAML plug-in of your editor']))
    .action(async (options) => perform((await import('./schema.js')).schema(options)))

const setupCommand = (perform: Perform): Command =>
  new Command('setup')
    .summary("fetch TensorFlow's library, which makes runs fast")
    .description(
      "Looks for TensorFlow's C library and fetches it into the cache if there is none: once, by Python's pip, with nothing to compile.",
    )
    .option('--gpu', "the library for NVIDIA's GPUs, with what it needs of CUDA")
    .option('--json', 'write one JSON object: ok, fetched, library, version, devices')
    .addHelpText(
      'after',
      examples(
        ['ibot setup', 'for the CPU'],
        ['ibot setup --gpu', "for NVIDIA's GPUs too"],
        ['ibot setup --json', 'for other programs'],
      ),
    )
    .action(async (options) => perform((await import('./setup.js')).setup(options)))

const doctorCommand = (perform: Perform): Command =>
  new Command('doctor')
    .summary('tell what would compute here, and what is wrong')
    .description(
      'Tells which engine runs would use and why, what this machine has, how fast it decodes pictures, and how to mend what is wrong.',
    )
    .option('--json', 'write one JSON object')
    .addHelpText(
      'after',
      examples(['ibot doctor', 'is all well?'], ['ibot doctor --json', 'for other programs, or to report a mistake']),
    )
    .action(async (options) => perform((await import('./doctor.js')).doctor(options)))

/** A command as it is written, with those that it belongs to. */
const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`

const programOf = (perform: Perform): Command => {
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
  for (const command of [
    runCommand,
    checkCommand,
    showCommand,
    dataCommand,
    viewCommand,
    replayCommand,
    exportCommand,
    reportCommand,
    importCommand,
    explainCommand,
    schemaCommand,
    setupCommand,
    doctorCommand,
  ])
    program.addCommand(command(perform).helpOption('-h, --help', 'print this help'))
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

const bug = async (error: unknown): Promise<number> => (await import('./report.js')).report({ _tag: 'Defect', error })

/** The process: runs the command in its arguments, then ends. */
export const start = (argv: readonly string[]): void => {
  forgiveClosedPipes()
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => void bug(error).then(exit))
  void main(argv).then(exit)
}
