/** Completion for bash, by a function that walks through the words before the cursor. */
import { allOf, type DescribedCommand, quoted, type Value } from './described'

/** What is to be completed, as two assignments. */
const asked = (value: Value): string =>
  value.kind === 'words' ? `kind=words values=${quoted(value.words.join(' '))}` : `kind=${value.kind}`

const cases = (lines: readonly string[]): string => lines.map((line) => `    ${line} ;;\n`).join('')

export const bashScript = (ibot: DescribedCommand): string => {
  const commands = allOf(ibot)
  const nested = commands.filter(({ name }) => name !== '').map(({ name }) => quoted(name.includes(' ') ? name : ` ${name}`))
  const words = commands.map(
    ({ name, options, commands: below }) =>
      `${quoted(name)}) below=${quoted(below.map((one) => one.name.split(' ').at(-1)!).join(' '))} dashed=${quoted(options.flatMap(({ flags }) => flags).join(' '))}`,
  )
  const options = commands.flatMap(({ name, options: all }) =>
    all.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => `${quoted(`${name} ${flag}`)}) ${asked(value)}`),
    ),
  )
  const places = commands.flatMap(({ name, values }) =>
    values.map(
      ({ value, variadic }, i) => `${quoted(`${name} ${i}`)}${variadic ? `|${quoted(`${name} `)}*` : ''}) ${asked(value)}`,
    ),
  )
  return `# Completion of ibot for bash: eval "$(ibot completion bash)"

# What the option that is named last takes, or the argument at a place.
_ibot_value() {
  kind= values=
  case "$1" in
${cases(options)}  esac
}

_ibot_argument() {
  kind= values=
  case "$1" in
${cases(places)}  esac
}

_ibot_words() {
  below= dashed=
  case "$1" in
${cases(words)}  esac
}

_ibot() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= place=0 value= word kind values below dashed i
  local IFS=$' \\t\\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # The value of the option before it.
    if [[ -n $value ]]; then value=; continue; fi
    case "$command $word" in
      ${nested.join('|')}) command=\${command:+$command }$word ;;
      *' '-*) _ibot_value "$command $word"; value=$kind; kind= ;;
      *) place=$((place + 1)) ;;
    esac
  done
  if [[ -n $value ]]; then
    _ibot_value "$command \${COMP_WORDS[COMP_CWORD - 1]}"
  else
    _ibot_argument "$command $place"
    _ibot_words "$command"
    # Options are offered once a dash is written, or where there is nothing else to offer.
    if [[ $cur == -* ]]; then
      kind= values=$dashed
    else
      values="$below $values"
      [[ -z $kind && -z $below ]] && values=$dashed
    fi
  fi
  COMPREPLY=($(compgen -W "$values" -- "$cur"))
  IFS=$'\\n'
  case "$kind" in
    file) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$cur")) ;;
    run)
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -d -- "$cur"))
      # Runs are where ibot puts them, without their folder being written.
      if [[ $cur != */* ]]; then
        for word in runs/*/run.json; do
          word=\${word%/run.json}
          [[ -e $word/run.json && \${word#runs/} == "$cur"* ]] && COMPREPLY+=("$word")
        done
      fi ;;
  esac
}

complete -F _ibot ibot
`
}
