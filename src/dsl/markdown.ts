/** The reference of all ops, in Markdown. */
import { rowsOf } from './describe'
import { exampleOf } from './example'
import { opToYaml } from './print'
import { isStage, type Registry } from './registry'
import { kindsOf } from './schema'
import type { OpSpec } from './spec'
import type { AnyKind, Op } from './type'
import { opToTypeScript } from './typescript'

/** What is shown of an op besides, in Markdown: a figure. */
export type Figures = (spec: OpSpec) => string | undefined

/** One chapter a kind, one section an op, both in the registry's order. */
export const opsMarkdown = (registry: Registry, figures: Figures = () => undefined): string => {
  const kinds = kindsOf(registry).filter((kind) => registry.names(kind).length > 0)
  return `${[
    '# Operations',
    'What a pipeline can be made of. Names and parameters are the same in YAML and in TypeScript.',
    kinds.map((kind) => `- ${linked(kind.name)}: ${registry.names(kind).map(linked).join(', ')}`).join('\n'),
    ...kinds.map((kind) => chapter(registry, kind, figures)),
  ].join('\n\n')}\n`
}

/** A link to the section of a kind or an op. */
const linked = (name: string): string => `[${name}](#${name.toLowerCase()})`

const chapter = (registry: Registry, kind: AnyKind, figures: Figures): string => {
  const also = [
    ...(kind.sugar ? [`May also be written as ${kind.sugar.expected}.`] : []),
    ...Object.entries(kind.modifiers ?? {}).map(([key, { field }]) => `Any of them also takes \`${key}\`: ${field.doc}.`),
  ]
  const specs = registry.ops.filter((spec) => spec.kind.name === kind.name)
  return [`## ${kind.name}`, ...also, ...specs.map((spec) => section(registry, spec, figures(spec)))].join('\n\n')
}

const section = (registry: Registry, spec: OpSpec, figure: string | undefined): string => {
  const example = exampleOf(registry, spec)
  return [
    `### ${spec.name}`,
    escaped(spec.doc),
    ...(spec.equation === undefined ? [] : [code('', spec.equation)]),
    ...(figure === undefined ? [] : [figure]),
    ...(isStage(spec) ? [`Needs: ${facts(spec.needs)}. Gives: ${facts(spec.gives)}.`] : []),
    ...parameters(spec),
    ...(example === undefined
      ? []
      : [code('yaml', opToYaml(example)), code('ts', opToTypeScript(registry, spec.kind, example as Op))]),
    ...(spec.source === undefined ? [] : [`Source: ${escaped(spec.source)}`]),
  ].join('\n\n')
}

const facts = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ') || 'nothing'
const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``
/** Text that Markdown shows as it is, in a table too; what stands between backticks stays code. */
const escaped = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part.replaceAll('|', '\\|') : part.replace(/[\\|<>*_]/g, (char) => `\\${char}`)))
    .join('')

const parameters = (spec: OpSpec): readonly string[] => {
  const rows = rowsOf(spec.fields)
  if (rows.length === 0) return []
  const lines = rows.map(({ name, type, fallback, doc }) => {
    const shown = fallback === 'required' || fallback === '–' ? fallback : `\`${fallback.replaceAll('|', '\\|')}\``
    return `| \`${name}\` | ${escaped(type)} | ${shown} | ${escaped(doc)} |`
  })
  const alone = spec.main === undefined ? [] : [`\`${spec.main}\` may be written alone: \`${spec.name}: …\`.`]
  return [['| parameter | type | default | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n'), ...alone]
}
