/** `ibot doctor`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf } from './options'

export const doctorCommand = () =>
  new Command('doctor')
    .summary('report what would compute here, and what is wrong')
    .description(
      'Reports which engine runs would use and why, what this machine has, how fast it decodes pictures, and how to fix what is wrong. Ends with 0 if nothing is wrong, and with 3 if there is a problem.',
    )
    .option('--json', 'write one JSON object')
    .addHelpText(
      'after',
      examples(['ibot doctor', 'is all well?'], ['ibot doctor --json', 'for other programs, or to report a mistake']),
    )

export type DoctorOptions = OptionsOf<typeof doctorCommand>
