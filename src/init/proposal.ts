/** What a pipeline for some pictures had best be, from what is known of them and of the machine. */

export interface Known {
  /** Pictures to learn from. */
  readonly count: number
  readonly channels: 1 | 3
  /** Median of the shorter sides of those looked at, in pixels. */
  readonly side: number
  /** Bytes that a run may take. */
  readonly memory: number
  readonly hasGpu: boolean
}

/** A backbone by its name and the sizes that must be written, and the width that its features have. */
interface Network {
  readonly name: 'vit' | 'vitTiny' | 'vitSmall'
  readonly width: number
  readonly depth: number
  readonly heads: number
}

export interface Proposal {
  /** Sides in pixels. */
  readonly global: number
  readonly local: number
  readonly locals: number
  readonly patch: number
  readonly network: Network
  readonly prototypes: number
  readonly hidden: number
  readonly bottleneck: number
  readonly batch: number
  /** Bytes that a picture of a batch takes, about. */
  readonly perPicture: number
  readonly epochs: number
  /** At a batch of 256. */
  readonly lr: number
  readonly momentum: number
}

/** The paper's: 224 pixels. */
const LARGEST_VIEW = 224
/** Of local to global views in the paper: 96 to 224 pixels. */
const LOCAL_SHARE = 96 / 224
/** Numbers that a block keeps for the gradient, as multiples of a token's features. */
const KEPT = 34
const FLOAT = 4
const LARGEST_BATCH = { gpu: 256, cpu: 64 }
/** The steps to aim at: those of fashion-mnist.yaml on a processor. */
const STEPS = { gpu: 100_000, cpu: 4000 }
const EPOCHS = { gpu: [100, 800], cpu: [10, 400] } as const

const within = (low: number, high: number, n: number): number => Math.min(high, Math.max(low, n))
const multiple = (n: number, of: number): number => Math.max(1, Math.round(n / of)) * of

/** Patches of which a view has some fourteen a side, or as many as it has pixels for. */
const patchOf = (side: number): number => (side >= 128 ? 16 : side >= 64 ? 8 : side >= 16 ? 4 : 2)

const networkOf = ({ count, hasGpu }: Known): Network => {
  if (hasGpu)
    return count >= 20_000
      ? { name: 'vitSmall', width: 384, depth: 12, heads: 6 }
      : { name: 'vitTiny', width: 192, depth: 12, heads: 3 }
  return count >= 10_000 ? { name: 'vit', width: 192, depth: 4, heads: 3 } : { name: 'vit', width: 128, depth: 3, heads: 4 }
}

/** What a picture of a batch takes: what the blocks keep of all its views in the student, and logits of the global ones. */
const bytesOf = (
  { width, depth, heads }: Network,
  { global, local, locals, patch, prototypes }: Pick<Proposal, 'global' | 'local' | 'locals' | 'patch' | 'prototypes'>,
): number => {
  const tokens = (side: number) => 1 + Math.floor(side / patch) ** 2
  const view = (n: number) => depth * (KEPT * n * width + 2 * heads * n * n)
  return FLOAT * (2 * view(tokens(global)) + locals * view(tokens(local)) + 4 * tokens(global) * prototypes)
}

/** The largest power of two that isn't larger. */
const powerBelow = (n: number): number => 2 ** Math.floor(Math.log2(Math.max(1, n)))

export const propose = (known: Known): Proposal => {
  const { count, side, memory, hasGpu } = known
  const on = hasGpu ? 'gpu' : 'cpu'
  const wanted = Math.min(side, LARGEST_VIEW)
  const patch = patchOf(wanted)
  // At least three patches a side, so that one can be hidden and others seen.
  const global = Math.max(3 * patch, Math.floor(wanted / patch) * patch)
  const local = Math.max(2 * patch, multiple(global * LOCAL_SHARE, patch))
  const locals = hasGpu ? 10 : 4
  const network = networkOf(known)
  const prototypes = count >= 500_000 ? 8192 : count >= 20_000 ? 1024 : 256
  const [fewest, most] = EPOCHS[on]
  const isNarrow = network.name === 'vit'
  const perPicture = bytesOf(network, { global, local, locals, patch, prototypes })
  const batch = within(1, LARGEST_BATCH[on], powerBelow(Math.min((memory / 2 / perPicture) | 0, count / 4)))
  return {
    ...{ global, local, locals, patch, network, prototypes, batch, perPicture },
    hidden: isNarrow ? 256 : 2048,
    bottleneck: isNarrow ? 64 : 256,
    epochs: within(fewest, most, Math.round((STEPS[on] * batch) / count)),
    lr: isNarrow ? 2e-3 : 5e-4,
    momentum: hasGpu && count >= 20_000 ? 0.996 : 0.99,
  }
}
