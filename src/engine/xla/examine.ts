/** Whether XLA would compute here, and what keeps it from that. */
import { choosePlugin } from '../../xla/plugin/choose'
import { examinePlugins } from '../../xla/plugin/examine'
import type { Examined, Machine } from '../engine'

/** It computes where there is a graphics card and a plugin for it; what is wrong with plugins is told beside the engines. */
export const examine = async ({ host, gpus, drivers }: Machine): Promise<Examined> => {
  if (gpus.length === 0 && !drivers.amd) return { verdict: 'lacking', why: 'there is no GPU for XLA', complaints: [] }
  const { plugins } = await examinePlugins({ host, drivers, gpus }, {})
  const usable = plugins.flatMap(({ plugin, fault }) => (fault === undefined ? [plugin] : []))
  return choosePlugin(usable, 'gpu', drivers) === undefined
    ? { verdict: 'lacking', why: 'no plugin of XLA can use the GPU', complaints: [] }
    : { verdict: 'computes', why: 'there is a GPU, and a plugin of XLA for it', complaints: [] }
}
