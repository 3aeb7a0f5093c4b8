/** A native object, which is destroyed once: when it is disposed of and nobody uses it any more. */
import { XlaError } from './error'
import type { Address } from './layout'

export interface Handle {
  /** Where it is; throws once it is disposed of. */
  readonly address: () => Address
  readonly isDisposed: () => boolean
  /** Keeps it until the function that it gives is called; throws once it is disposed of. */
  readonly hold: () => () => void
  /** As `hold`, for whoever knows that something else holds it still: though it is disposed of, it isn't destroyed yet. */
  readonly holdOn: () => () => void
  /** Destroys it as soon as nobody holds it. A second time changes nothing. */
  readonly dispose: () => void
}

/** `what` is its name in errors: `the buffer`. */
export const handleOf = (what: string, address: Address, destroy: (address: Address) => void): Handle => {
  let holders = 0
  let disposed = false
  const check = (): void => {
    if (disposed) throw new XlaError('failed precondition', `${what} is disposed of`)
  }
  const destroyIfUnused = (): void => {
    if (disposed && holders === 0) destroy(address)
  }
  const holdOn = (): (() => void) => {
    holders++
    let held = true
    return () => {
      if (!held) return
      held = false
      holders--
      destroyIfUnused()
    }
  }
  return {
    address: () => {
      check()
      return address
    },
    isDisposed: () => disposed,
    hold: () => {
      check()
      return holdOn()
    },
    holdOn,
    dispose: () => {
      if (disposed) return
      disposed = true
      destroyIfUnused()
    },
  }
}

/** Work that needs handles: none of them is destroyed before it has ended. */
export const holding = async <A>(handles: readonly Handle[], work: () => Promise<A>): Promise<A> => {
  const releases: (() => void)[] = []
  try {
    for (const handle of handles) releases.push(handle.hold())
    return await work()
  } finally {
    for (const release of releases) release()
  }
}
