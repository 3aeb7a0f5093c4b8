/** Running an executable, off JavaScript's thread: other work goes on while devices compute. */
import { bufferOf, type XlaBuffer } from './buffer'
import { XlaError } from './error'
import { allSettled } from './event'
import type { XlaExecutable } from './executable'
import { holding } from './handle'
import type { Address } from './layout'
import { pointersTo } from './memory'

export interface ExecuteOptions {
  /**
   * Which arguments the computation may use up, by their numbers: of those that the program marks with `tf.aliasing_output`. They are
   * disposed of once it has begun. Without this all that it marks are used up, and disposing of them is left to the caller.
   */
  readonly donated?: readonly number[]
}

/** Arguments and results: [device][number]. */
export type Buffers = readonly (readonly XlaBuffer[])[]

interface Started {
  readonly outputs: Buffers
  /** One a device, if asked for. */
  readonly events: readonly Address[]
}

const checkArguments = ({ devices }: XlaExecutable, args: Buffers): number => {
  const count = args[0]?.length ?? 0
  if (args.length !== devices.length)
    throw new XlaError('invalid argument', `the program runs on ${devices.length} devices, and has arguments for ${args.length}`)
  if (args.some(({ length }) => length !== count))
    throw new XlaError('invalid argument', 'the program has more arguments for one device than for another')
  return count
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i)

const start = async (
  executable: XlaExecutable,
  args: Buffers,
  { donated }: ExecuteOptions,
  wantsEvents: boolean,
): Promise<Started> => {
  const { client, handle, devices, outputs } = executable
  const { plugin } = client
  const count = checkArguments(executable, args)
  return holding([handle, ...args.flat().map((buffer) => buffer.handle)], () => {
    const kept = donated === undefined ? [] : range(count).filter((i) => !donated.includes(i))
    const results = devices.map(() => new BigUint64Array(Math.max(1, outputs.length)))
    const events = new BigUint64Array(devices.length)
    const given = {
      executable: handle.address(),
      options: plugin.struct('ExecuteOptions', {
        non_donatable_input_indices: BigInt64Array.from(kept, BigInt),
        num_non_donatable_input_indices: kept.length,
      }),
      argument_lists: pointersTo(args.map((buffers) => pointersTo(buffers.map((buffer) => buffer.handle.address())))),
      num_devices: devices.length,
      num_args: count,
      output_lists: pointersTo(results),
      device_complete_events: wantsEvents ? events : null,
    }
    return client.inOrder(async () => {
      await plugin.later('LoadedExecutable_Execute', given)
      for (const i of donated ?? []) for (const buffers of args) buffers[i]?.dispose()
      return {
        outputs: results.map((addresses) => outputs.map((_, i) => bufferOf(client, addresses[i] as Address))),
        events: wantsEvents ? (Array.from(events) as unknown as readonly Address[]) : [],
      }
    })
  })
}

/**
 * Starts a computation; gives its results, which need not be there yet. Computations begin in the order in which they are started, and
 * results may be arguments of the next one at once. What goes wrong later is told by whatever reads a result. Throws an
 * XlaError where it can't begin.
 */
export const launch = async (executable: XlaExecutable, args: Buffers, options: ExecuteOptions = {}): Promise<Buffers> =>
  (await start(executable, args, options, false)).outputs

/**
 * Runs a computation; gives its results when all devices are done. `args` hold the arguments of each device; each result is the device's
 * own, its part where the program says that it is shared out. Throws an XlaError, and then leaves no results.
 */
export const execute = async (executable: XlaExecutable, args: Buffers, options: ExecuteOptions = {}): Promise<Buffers> =>
  holding([executable.handle], async () => {
    const { outputs, events } = await start(executable, args, options, true)
    try {
      await allSettled(executable.client.plugin, events)
      return outputs
    } catch (error) {
      for (const buffer of outputs.flat()) buffer.dispose()
      throw error
    }
  })
