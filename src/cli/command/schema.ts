/** `ibot schema`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption } from './options'

export const schemaCommand = () =>
  new Command('schema')
    .summary('print the JSON Schema of pipelines')
    .description('Prints the JSON Schema (draft-07) of pipeline files, from which editors complete and check them.')
    .addOption(opsOption())
    .addHelpText('after', examples(['ibot schema > pipelines/schema.json', 'for the YAML plug-in of your editor']))

export type SchemaOptions = OptionsOf<typeof schemaCommand>
