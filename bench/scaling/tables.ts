/** The tables of docs/scaling.md that the model gives. */

import { type CaseOf, predictedOf } from './cases'
import * as figures from './figures'
import { CASES } from './measured'
import { type Fabric, type StepSeconds, stepSeconds } from './model'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** Two digits that count. */
export const secondsText = (seconds: number): string => {
  const digits = seconds >= 10 ? 0 : seconds >= 1 ? 1 : seconds >= 0.1 ? 2 : seconds >= 0.01 ? 3 : 4
  return seconds.toFixed(digits)
}

const range = (low: string, high: string, unit: string): string => (low === high ? `${low}${unit}` : `${low} to ${high}${unit}`)

/** A step, and the part of it that is compute: as it is if nothing is hidden, and if as much as can be. */
const cell = ({ hidden, exposed, compute }: StepSeconds): string => {
  const percent = (seconds: number): string => String(Math.round((100 * compute) / seconds))
  return `${range(secondsText(hidden), secondsText(exposed), ' s')}; ${range(percent(exposed), percent(hidden), ' %')}`
}

interface Setting {
  readonly device: figures.Device
  readonly fabric: Fabric
  readonly bucketBytes?: number
  readonly batchOf: (devices: number) => number
}

const forecastTable = ({ device, fabric, bucketBytes, batchOf }: Setting): string =>
  table(
    ['devices', 'batch', ...figures.NETWORKS.map(({ name }) => name)],
    figures.DEVICES.map((devices) => [
      devices.toLocaleString('en'),
      batchOf(devices).toLocaleString('en'),
      ...figures.NETWORKS.map((network) =>
        cell(
          stepSeconds({
            ...{ batch: batchOf(devices), devices, fabric, backward: figures.BACKWARD },
            speed: figures.speedOf(device, network),
            exchange: figures.gradientsOf(network, bucketBytes),
          }),
        ),
      ),
    ]),
  )

const milliseconds = (seconds: number): string => String(Math.round(1000 * seconds))
const caseRow = ({ processor, clock, ...one }: CaseOf): readonly string[] => {
  const sum = processor.share + processor.exchange
  const gap = Math.round(100 * (processor.step / sum - 1))
  const { hidden, exposed } = predictedOf(one, clock)
  return [
    String(one.processes),
    `${milliseconds(processor.share)} + ${milliseconds(processor.exchange)} = ${milliseconds(sum)}`,
    `${milliseconds(processor.step)} (${gap < 0 ? '−' : '+'}${Math.abs(gap)} %)`,
    range(milliseconds(hidden), milliseconds(exposed), ''),
    milliseconds(clock.step),
  ]
}

const WHOLE = (): number => 1024
const EACH = 32

/** By the names that the document has for them. */
export const TABLES: Readonly<Record<string, string>> = {
  'gpus-whole': forecastTable({
    ...{ device: figures.H100, fabric: figures.GPUS_NDR, bucketBytes: figures.XLA_BUCKET_BYTES, batchOf: WHOLE },
  }),
  'gpus-each': forecastTable({
    ...{ device: figures.H100, fabric: figures.GPUS_NDR, bucketBytes: figures.XLA_BUCKET_BYTES },
    batchOf: (devices) => EACH * devices,
  }),
  'gpus-ethernet': forecastTable({
    ...{ device: figures.H100, fabric: figures.GPUS_ETHERNET, bucketBytes: figures.XLA_BUCKET_BYTES, batchOf: WHOLE },
  }),
  'cpus-whole': forecastTable({ device: figures.TWO_CORES, fabric: figures.CPUS_ETHERNET, batchOf: WHOLE }),
  'cpus-each': forecastTable({
    ...{ device: figures.TWO_CORES, fabric: figures.CPUS_ETHERNET },
    batchOf: (devices) => EACH * devices,
  }),
  measured: table(['processes', 'processor ms: share + exchange', 'measured', 'clock ms: model', 'measured'], CASES.map(caseRow)),
}

const begins = (name: string): string => `<!-- table ${name}: npm run generate -->`
const ENDS = '<!-- end of table -->'

/** A document with its tables as the model gives them. */
export const withTables = (text: string): string =>
  text.replace(/<!-- table ([\w-]+): npm run generate -->[\s\S]*?<!-- end of table -->/g, (_, name: string) => {
    const content = TABLES[name]
    if (content === undefined) throw new RangeError(`there is no table ${name}`)
    return `${begins(name)}\n\n${content}\n\n${ENDS}`
  })
