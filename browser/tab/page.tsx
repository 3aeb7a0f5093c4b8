/** The page's side of a training in a tab: what is asked of the worker, and what is shown of what it tells. */
import { render } from 'preact'
import uplotStyle from 'uplot/dist/uPlot.min.css'
import { duration, perSecond, plural, whole } from '../../src/base/numberText'
import { SHADOW_STYLE } from '../../src/report/style'
import { type Board, newBoard } from '../report/board'
import { fragmentOf, keepOpen } from '../report/fragment'
import { beside } from './beside'
import type { Dropped } from './dropped'
import { pipelineOn, SAMPLE_PIPELINE } from './examples'
import { chosenFiles, droppedFiles } from './folders'
import type { Asked, Computing, PartText, Told } from './messages'
import { Shell } from './shell'
import style from './style.css'

export interface Tab {
  /** Light or dark; undefined for what the system has. */
  readonly theme: (theme: 'light' | 'dark' | undefined) => void
  /** Ends what runs. */
  readonly dispose: () => void
}

/** Milliseconds without a keystroke after which a text is checked. */
const CALM = 400

const save = (name: string, content: BlobPart): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content]))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Puts parts in the places of those with their ids, new ones below all whose rank isn't larger. */
const put = (
  places: { readonly main: HTMLElement; readonly more: HTMLElement },
  parts: readonly PartText[],
  board: Board,
): void => {
  for (const { id, html, rank, more } of parts) {
    const main = more ? places.more : places.main
    const after = fragmentOf(html)
    after.dataset.rank = String(rank)
    const before = main.querySelector<HTMLElement>(`#${CSS.escape(id)}`)
    if (before === null) {
      const below = [...main.children].find((one) => Number((one as HTMLElement).dataset.rank) > rank)
      main.insertBefore(after, below ?? null)
    } else {
      keepOpen(before, after)
      before.before(after)
    }
    board.mount(after)
    before?.remove()
  }
}

/** Makes a place of a page the one in which pipelines are trained. */
export const mount = (place: HTMLElement): Tab => {
  const root = place.attachShadow({ mode: 'open' })
  const sheet = document.createElement('style')
  sheet.textContent = `${uplotStyle}\n${SHADOW_STYLE}\n${style}`
  const body = document.createElement('div')
  root.append(sheet, body)
  render(<Shell text={SAMPLE_PIPELINE} />, body)

  const find = <A extends HTMLElement>(selector: string): A => root.querySelector<A>(selector)!
  const [editor, wrong, status, notes, main, more] = [
    find<HTMLTextAreaElement>('textarea'),
    find('.wrong'),
    find('.status'),
    find('.notes'),
    find('main'),
    find('.more > div'),
  ]
  const [start, stop, weights] = [
    find<HTMLButtonElement>('.start'),
    find<HTMLButtonElement>('.stop'),
    find<HTMLButtonElement>('.weights'),
  ]
  const [smoothing, wholeRun] = [find<HTMLInputElement>('.charts-bar input'), find<HTMLButtonElement>('.whole')]

  const worker = new Worker(beside('worker.js'), { type: 'module' })
  const ask = (asked: Asked): void => worker.postMessage(asked)

  let board = newBoard(() => undefined)
  let run = { name: '', engine: '', steps: 0 }

  const say = (text: string): void => {
    status.textContent = text
  }
  const showWrong = (text: string | undefined): void => {
    wrong.textContent = text ?? ''
    wrong.hidden = text === undefined
  }
  const busy = (isBusy: boolean): void => {
    start.disabled = isBusy
    stop.disabled = !isBusy
  }

  let calm: ReturnType<typeof setTimeout> | undefined
  const edited = (): void => {
    clearTimeout(calm)
    calm = setTimeout(() => ask({ ask: 'check', text: editor.value }), CALM)
  }
  const write = (text: string): void => {
    editor.value = text
    edited()
  }

  const began = (told: Extract<Told, { readonly tell: 'began' }>): void => {
    run = told
    main.replaceChildren()
    more.replaceChildren()
    board = newBoard((range) => {
      wholeRun.disabled = range === undefined
    })
    board.smooth(smoothing.valueAsNumber)
    find('.charts-bar').hidden = false
    weights.disabled = false
    say(`${told.name}: looks at its data before the first step, by ${told.engine}`)
  }
  const ended = (text: string): void => {
    busy(false)
    say(text)
  }

  const listen = (told: Told): void => {
    switch (told.tell) {
      case 'checked':
        if (told.text === editor.value) showWrong(told.wrong)
        return
      case 'note': {
        const note = document.createElement('li')
        note.textContent = told.message
        notes.append(note)
        return
      }
      case 'began':
        began(told)
        return
      case 'step': {
        const { step, imagesPerSecond, secondsLeft } = told
        const left = step < run.steps ? `, about ${duration(secondsLeft)} left` : ''
        say(`${run.name}: step ${whole(step)} of ${whole(run.steps)}, ${perSecond(imagesPerSecond)} by ${run.engine}${left}`)
        return
      }
      case 'parts':
        put({ main, more }, told.parts, board)
        find('details.more').hidden = more.children.length === 0
        return
      case 'ended':
        ended(
          told.how === 'done'
            ? `${run.name}: ${plural(told.step, 'step')} done by ${run.engine}. The network is here until this page is left: download it.`
            : `${run.name}: stopped after ${plural(told.step, 'step')} of ${whole(run.steps)}. Its network can be downloaded; training begins anew.`,
        )
        return
      case 'failed':
        showWrong(told.why)
        ended('It ended: what is wrong is below the pipeline.')
        return
      case 'weights':
        save(told.name, told.bytes)
    }
  }
  worker.onmessage = ({ data }: MessageEvent<Told>) => listen(data)
  worker.onerror = ({ message }) =>
    listen({ tell: 'failed', why: `the page's worker failed: ${message ?? 'it could not be loaded'}` })

  const take = (files: readonly Dropped[]): void => {
    if (files.length === 0) {
      find('.dropped').textContent = 'That was no folder with files in it: drop a folder of pictures.'
      return
    }
    ask({ ask: 'drop', files })
    const paths = files.map(({ path }) => path)
    const folders = [...new Set(paths.map((path) => path.split('/')[0]!))]
    find('.dropped').textContent = `${folders.join(', ')}: ${plural(files.length, 'file')}. A pipeline names it by imageFolder.`
    write(pipelineOn(paths))
  }
  const picker = find<HTMLInputElement>('input[type=file]')
  const zone = find('.drop')
  find('.choose').addEventListener('click', () => picker.click())
  picker.addEventListener('change', () => take(chosenFiles(picker.files!)))
  place.addEventListener('dragover', (event) => {
    event.preventDefault()
    zone.classList.add('over')
  })
  for (const name of ['dragleave', 'drop']) place.addEventListener(name, () => zone.classList.remove('over'))
  place.addEventListener('drop', (event) => {
    event.preventDefault()
    if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(take)
  })

  editor.addEventListener('input', edited)
  start.addEventListener('click', () => {
    showWrong(undefined)
    notes.replaceChildren()
    busy(true)
    weights.disabled = true
    say('opens the data …')
    ask({ ask: 'train', text: editor.value, on: find<HTMLSelectElement>('.on').value as Computing })
  })
  stop.addEventListener('click', () => {
    stop.disabled = true
    ask({ ask: 'stop' })
  })
  weights.addEventListener('click', () => ask({ ask: 'weights' }))
  find('.yaml').addEventListener('click', () => save('pipeline.yaml', editor.value))
  smoothing.addEventListener('input', () => board.smooth(smoothing.valueAsNumber))
  wholeRun.addEventListener('click', () => board.whole())

  const leaving = (event: BeforeUnloadEvent): void => {
    if (!stop.disabled) event.preventDefault()
  }
  addEventListener('beforeunload', leaving)

  return {
    theme: (theme) => {
      if (theme === undefined) delete place.dataset.theme
      else place.dataset.theme = theme
      board.redraw()
    },
    dispose: () => {
      removeEventListener('beforeunload', leaving)
      clearTimeout(calm)
      worker.terminate()
    },
  }
}
