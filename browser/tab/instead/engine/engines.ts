/** The engines of a browser, the preferred first. */
import { eagerKind, wasm } from '../../../../src/engine/eager/kinds'

export const webgpu = eagerKind('webgpu', { summary: 'WebGPU, on the graphics card', standIn: undefined })

export const ENGINES = [webgpu, { ...wasm, standIn: 'slower' }] as const
