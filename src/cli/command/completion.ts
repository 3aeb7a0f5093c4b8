/** `ibot completion`: what it is called and takes. */
import { Argument, Command } from '@commander-js/extra-typings'
import { examples } from './options'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionCommand = () =>
  new Command('completion')
    .summary('print what completes commands in a shell')
    .description(
      'Prints a script that makes a shell complete commands, options, their values, recipes, ops, run folders and files of ibot when Tab is pressed.',
    )
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        ['eval "$(ibot completion bash)"', 'in ~/.bashrc'],
        ['ibot completion zsh > ~/.zsh/_ibot', 'with ~/.zsh in fpath, before compinit'],
        ['ibot completion fish > ~/.config/fish/completions/ibot.fish', 'once'],
      ),
    )
