/**
 * How long a step takes that many devices share, as pure numbers: the compute of a device's share, and the part of the all-reduce
 * of the gradients that isn't hidden behind it.
 *
 * A ring of N members sends 2 (N - 1) / N of the bytes over each link, in 2 (N - 1) hops for every message. Where machines have
 * several devices, these reduce among themselves first, and the machines are the members of a second ring.
 */

/** The way between two members, in one direction. */
export interface Link {
  readonly bytesPerSecond: number
  /** Of a message from one member to the next, in seconds. */
  readonly latency: number
}

/** What connects devices. */
export interface Fabric {
  readonly devicesPerMachine: number
  readonly within: Link
  /** Between machines: that of a machine with all its cards. */
  readonly between: Link
}

/** What is reduced in a step. */
export interface Exchange {
  readonly bytes: number
  /** In so many messages, one after the other. */
  readonly messages: number
}

/** Seconds of an all-reduce in a ring. */
export const ringSeconds = ({ bytes, messages }: Exchange, members: number, { bytesPerSecond, latency }: Link): number => {
  const hops = 2 * (members - 1)
  return (hops / members) * (bytes / bytesPerSecond) + messages * hops * latency
}

/** Seconds of an all-reduce over the devices of one machine or several, all of which are full. */
export const exchangeSeconds = (exchange: Exchange, devices: number, { devicesPerMachine, within, between }: Fabric): number => {
  const together = Math.min(devices, devicesPerMachine)
  return ringSeconds(exchange, together, within) + ringSeconds(exchange, devices / together, between)
}

export interface Step {
  /** Pictures of the whole batch. */
  readonly batch: number
  readonly devices: number
  /** Pictures that one device computes in a second. */
  readonly speed: number
  readonly exchange: Exchange
  readonly fabric: Fabric
  /** The part of a share's compute during which gradients come: the backward pass. */
  readonly backward: number
  /** Micro-batches of a share: gradients are only exchanged in the last one. */
  readonly microBatches?: number
}

/** Seconds of a step, if as much of the exchange is hidden as can be, and if nothing is; and of these the compute. */
export interface StepSeconds {
  readonly hidden: number
  readonly exposed: number
  readonly compute: number
}

export const stepSeconds = ({ batch, devices, speed, exchange, fabric, backward, microBatches = 1 }: Step): StepSeconds => {
  const compute = batch / devices / speed
  const exchanging = exchangeSeconds(exchange, devices, fabric)
  // The last message leaves when the backward pass is over.
  const left = Math.max(exchanging - (backward * compute) / microBatches, exchanging / exchange.messages)
  return { hidden: compute + left, exposed: compute + exchanging, compute }
}
