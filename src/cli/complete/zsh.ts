/** Completion for zsh, by its function _arguments. */
import { allOf, type DescribedCommand, type DescribedOption, quoted, type Value } from './described'

/** A text within a specification: its brackets and colons are zsh's. */
const escaped = (text: string): string => text.replace(/[[\]:\\]/g, (char) => `\\${char}`)

const action = (value: Value): string => {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`
    case 'file':
      return '_files'
    case 'folder':
      return '_files -/'
    case 'run':
      return '_ibot_runs'
    case 'anything':
      return ' '
  }
}

const optionSpecs = ({ flags, doc, value, optional }: DescribedOption): readonly string[] =>
  flags.map((flag) =>
    quoted(`*${flag}[${escaped(doc)}]${value === undefined ? '' : `${optional ? '::' : ':'}value:${action(value)}`}`),
  )

const nameOf = (name: string): string => `_ibot${name === '' ? '' : `_${name.replaceAll(/[ -]/g, '_')}`}`

const functionOf = ({ name, options, values, commands }: DescribedCommand): string => {
  const below = commands.map((one) => ({ word: one.name.split(' ').at(-1)!, doc: one.doc, name: one.name }))
  const specs = [
    ...options.flatMap(optionSpecs),
    // Where there are commands below, the first word may be one of them.
    ...(below.length > 0
      ? [quoted('1: :->command'), quoted('*:: :->rest')]
      : values.map(({ value, variadic }, i) => quoted(`${variadic ? '*' : i + 1}:value:${action(value)}`))),
  ]
  const [first] = values
  const others =
    first === undefined
      ? ''
      : `\n      ${first.value.kind === 'words' ? `compadd ${first.value.words.join(' ')}` : action(first.value)}`
  const choose = `
  case $state in
    command)
      local -a commands=(
${below.map(({ word, doc }) => `        ${quoted(`${word}:${doc.replaceAll(':', '\\:')}`)}`).join('\n')}
      )
      _describe command commands${others} ;;
    rest)
      case $words[1] in
${below.map(({ word, name: own }) => `        ${word}) ${nameOf(own)} ;;`).join('\n')}
      esac ;;
  esac`
  return `${nameOf(name)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${specs.join(' \\\n    ')}${below.length > 0 ? choose : ''}
}`
}

export const zshScript = (ibot: DescribedCommand): string => `#compdef ibot
# Completion of ibot for zsh: ibot completion zsh > ~/.zsh/_ibot

_ibot_runs() {
  local -a runs=(runs/*/run.json(N:h))
  compadd -a runs
  _files -/
}

${allOf(ibot).map(functionOf).join('\n\n')}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _ibot "$@"; else compdef _ibot ibot; fi
`
