/** The script of a page: without it charts are drawings, with it they answer. */
import { newBoard } from './board'
import { switchTheme } from './theme'
import { watch } from './watch'

const tools = document.querySelector<HTMLElement>('.tools')!
const find = <A extends HTMLElement>(selector: string): A => tools.querySelector<A>(selector)!

const whole = find<HTMLButtonElement>('.whole')
const smoothing = find<HTMLInputElement>('input')
const hasCharts = document.querySelector('figure.chart') !== null

const board = newBoard((range) => {
  whole.disabled = range === undefined
})
tools.hidden = false
for (const one of tools.querySelectorAll<HTMLElement>('[data-charts]')) one.hidden = !hasCharts
switchTheme(find('.theme'), board.redraw)
board.mount(document)
whole.addEventListener('click', board.whole)
smoothing.addEventListener('input', () => board.smooth(smoothing.valueAsNumber))

const { watch: pause } = document.body.dataset
if (pause !== undefined)
  watch(Number(pause), board.mount, (text) => {
    find('.news').textContent = text
  })
