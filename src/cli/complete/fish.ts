/** Completion for fish: a line for each thing to complete. */
import { allOf, type DescribedCommand, type Value } from './described'

const text = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** `-f` keeps files away, `-r` says that there must be a value. */
const takenBy = (value: Value): string => {
  switch (value.kind) {
    case 'words':
      return `-x -a ${text(value.words.join(' '))}`
    case 'file':
      return '-r -F'
    case 'folder':
      return "-x -a '(__fish_complete_directories)'"
    case 'run':
      return "-x -a '(__ibot_runs)'"
    case 'anything':
      return '-x'
  }
}

const linesOf = (command: DescribedCommand): readonly string[] => {
  const { name, options, values, commands } = command
  const begin = `complete -c ibot -n ${text(`__ibot_is '${name}'`)}`
  const [first] = values
  return [
    ...commands.map((one) => `${begin} -a ${one.name.split(' ').at(-1)!} -d ${text(one.doc)}`),
    ...options.map(({ flags, doc, value }) => {
      const named = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ')
      return `${begin} ${named} ${value === undefined ? '' : `${takenBy(value)} `}-d ${text(doc)}`
    }),
    ...(first === undefined || first.value.kind === 'anything'
      ? []
      : [`${begin} ${takenBy(first.value).replace('-r ', '').replace('-x', '-f')}`]),
  ]
}

export const fishScript = (
  ibot: DescribedCommand,
): string => `# Completion of ibot for fish: ibot completion fish > ~/.config/fish/completions/ibot.fish

function __ibot_runs
    for file in runs/*/run.json
        path dirname $file
    end
    __fish_complete_directories
end

# Whether the words before the cursor call this command.
function __ibot_is
    set -l found
    for word in (commandline -opc)[2..]
        if string match -q -- '-*' $word
            continue
        end
        if contains -- (string join ' ' $found $word) ${allOf(ibot)
          .filter(({ name }) => name !== '')
          .map(({ name }) => text(name))
          .join(' ')}
            set -a found $word
        end
    end
    test "$found" = $argv[1]
end

complete -c ibot -f
${allOf(ibot).flatMap(linesOf).join('\n')}
`
