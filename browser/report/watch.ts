/** A page of a run that goes on: asks now and then what is new, and puts it in the place of what was there. */

import { fragmentOf, keepOpen } from './fragment'

interface Part {
  readonly id: string
  readonly mark: string
  /** Undefined where the page has it already. */
  readonly html?: string
}
interface News {
  readonly title: string
  readonly parts: readonly Part[]
}

const partsIn = (): ReadonlyMap<string, HTMLElement> =>
  new Map([...document.querySelectorAll<HTMLElement>('[data-part]')].map((part) => [part.id, part]))

/** Leads to all parts that there are now. */
const lead = (): void => {
  const bar = document.querySelector('.bar')
  if (bar === null) return
  for (const link of bar.querySelectorAll('a')) link.remove()
  const links = [...partsIn().values()].map((part) => {
    const link = document.createElement('a')
    link.href = `#${part.id}`
    link.textContent = part.querySelector('h2')?.textContent ?? part.id
    return link
  })
  bar.prepend(...links)
}

const put = ({ title, parts }: News, mount: (place: ParentNode) => void): void => {
  document.title = title
  document.querySelector('h1')!.textContent = title
  const count = partsIn().size
  let last: HTMLElement | undefined
  for (const { id, html } of parts) {
    const before = partsIn().get(id)
    if (html !== undefined) {
      const after = fragmentOf(html)
      if (before !== undefined) {
        keepOpen(before, after)
        before.before(after)
      } else if (last !== undefined) last.after(after)
      mount(after)
      before?.remove()
      last = after
    } else last = before ?? last
  }
  if (partsIn().size !== count) lead()
}

/** Asks every so many milliseconds; `tell` hears how that goes. */
export const watch = (pause: number, mount: (place: ParentNode) => void, tell: (text: string) => void): void => {
  const ask = async (): Promise<void> => {
    try {
      const have = [...partsIn().values()].map(({ dataset }) => dataset.part).join()
      const response = await fetch(`parts?have=${have}`, { cache: 'no-store' })
      if (response.ok) {
        put((await response.json()) as News, mount)
        tell(`live, ${new Date().toLocaleTimeString('en-GB')}`)
      } else tell(`not live: ${await response.text()}`)
    } catch {
      tell("not live: 'ibot report --watch' has ended")
    }
    setTimeout(() => void ask(), pause)
  }
  setTimeout(() => void ask(), pause)
}
