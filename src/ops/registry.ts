/** The list of all ops. A new op is a file of its own and a line here. */
import { registryOf } from '../dsl/registry'
import * as ops from './all'

export const registry = registryOf(Object.values(ops).map((make) => make.spec))
