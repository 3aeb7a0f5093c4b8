/** `ibot doctor`: what would compute here, and what is wrong. */
import type { Device } from '../engine/engine'
import { ENGINES } from '../engine/engines'
import { type Diagnosis, diagnose, isWell } from '../run/doctor'
import type { DoctorOptions } from './command/doctor'
import type { Outcome } from './report'
import { PLUGIN_SOURCES, pluginTitle, SOURCES } from './setup'
import { out, type Screen } from './terminal'
import { bytes, perSecond, plural } from './words'

/** The exit code where something is to be mended, which is that of what is missing. */
const PROBLEM = 3

const deviceRow = ({ name, type, memory }: Device): readonly [string, string] => [
  'device',
  // Of the processor's memory libraries say nothing true.
  `${name}${type !== 'CPU' && memory > 0 ? `, ${bytes(memory)}` : ''}`,
]

const libraryRows = ({ library, facts: all }: Diagnosis): readonly (readonly [string, string])[] => {
  const caller = ENGINES.find(({ name }) => all[name] !== undefined)
  if (library === null || caller === undefined) return []
  const facts = all[caller.name]
  const known = facts?.version ?? library.version
  return [
    ['library', `${caller.title}${known === undefined ? '' : ` ${known}`}, ${SOURCES[library.source]}: ${library.cc}`],
    ...(facts?.devices ?? []).map(deviceRow),
  ]
}

/** Plugins and the devices that each lists. What keeps one from computing is told here if it is no problem. */
const pluginRows = ({ plugins, problems }: Diagnosis): readonly (readonly [string, string])[] =>
  plugins.flatMap((plugin) => {
    const { fault, facts, file, source } = plugin
    const told = fault !== null && !problems.some(({ message }) => message === fault.message) ? `; ${fault.message}` : ''
    return [
      ['plugin', `${pluginTitle(plugin)}, ${PLUGIN_SOURCES[source]}: ${file}${told}`],
      ...(facts?.devices ?? []).map(deviceRow),
    ]
  })

const gpuText = ({ gpus, drivers: { nvidia } }: Diagnosis): string =>
  `${gpus.join(', ') || 'none'}${nvidia === undefined ? '' : `, driver ${nvidia}`}`

const cpuText = ({ model, threads, features, known }: Diagnosis['cpu']): string => {
  const start = `${model}, ${plural(threads, 'thread')}`
  if (features === undefined) return start
  const lacks = known.filter((name) => !features.includes(name))
  return `${start}: ${features.join(' ') || 'nothing that helps'}${lacks.length === 0 ? '' : ` (without ${lacks.join(' ')})`}`
}

/** All that was found, a line each, then what is wrong. */
export const doctorText = (diagnosis: Diagnosis, { bold, dim, green, yellow, cyan }: Screen['colors']): string => {
  const { engine, why, memory, cache, imagesPerSecond, problems } = diagnosis
  const rows: readonly (readonly [string, string])[] = [
    ['engine', `${bold(ENGINES.find(({ name }) => name === engine)?.summary ?? 'none')}: ${why}`],
    ...libraryRows(diagnosis),
    ...pluginRows(diagnosis),
    ['cpu', cpuText(diagnosis.cpu)],
    ['gpu', gpuText(diagnosis)],
    ['memory', `${bytes(memory.total)}, ${bytes(memory.free)} of it free`],
    ['cache', `${cache.folder}${cache.free === null ? '' : `, ${bytes(cache.free)} free`}`],
    ['pictures', imagesPerSecond === null ? 'none can be decoded' : `${perSecond(imagesPerSecond)} decoded (JPEG, 500 × 375)`],
    ['ibot', `${diagnosis.ibot}, Node ${diagnosis.node.replace(/^v/, '')}, ${diagnosis.platform} ${diagnosis.arch}`],
  ]
  const lines = rows.map(([name, text]) => `${dim(name.padEnd(8))}  ${text}`)
  const ending =
    problems.length === 0
      ? [`${green('ok')}  nothing is wrong`]
      : problems.flatMap(({ message, remedy }) => [`${yellow('problem')}  ${message}`, `  ${cyan(remedy)}`])
  return [...lines, '', ...ending].join('\n')
}

export const doctor =
  ({ json = false }: DoctorOptions): Outcome =>
  async () => {
    const diagnosis = await diagnose()()
    const exit = isWell(diagnosis) ? 0 : PROBLEM
    const { facts, ...others } = diagnosis
    const text = () => doctorText(diagnosis, out.colors)
    out.write(`${json ? JSON.stringify({ ok: exit === 0, exit, ...others, ...facts }) : text()}\n`)
    return exit
  }
