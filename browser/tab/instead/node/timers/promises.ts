/** What Node calls setImmediate: messages that wait get their turn. A timer would wait for milliseconds. */
const { port1, port2 } = new MessageChannel()
const waiting: (() => void)[] = []
port1.onmessage = () => waiting.shift()?.()

export const setImmediate = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    port2.postMessage(undefined)
  })
