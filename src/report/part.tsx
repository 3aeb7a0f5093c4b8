/** Parts of a page. */
import type { VNode } from 'preact'

/** A part of the page, below a heading of its own. */
export interface Part {
  readonly id: string
  readonly title: string
  readonly content: VNode
}

const idOf = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
export const partOf = (title: string, content: VNode): Part => ({ id: idOf(title), title, content })

/** A part as it stands in the page; `mark` tells one content from another, for a page that asks for news. */
export const PartSection = ({ part: { id, title, content }, mark }: { readonly part: Part; readonly mark?: string }): VNode => (
  <section id={id} data-part={mark}>
    <h2>{title}</h2>
    {content}
  </section>
)
