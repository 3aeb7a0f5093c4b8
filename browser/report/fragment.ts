/** Parts of a page that come as text. */

export const fragmentOf = (html: string): HTMLElement => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content.firstElementChild as HTMLElement
}

/** What was unfolded stays so. */
export const keepOpen = (before: HTMLElement, after: HTMLElement): void => {
  const open = [...before.querySelectorAll('details')].map((one) => one.open)
  after.querySelectorAll('details').forEach((one, i) => {
    one.open = open[i] ?? one.open
  })
}
