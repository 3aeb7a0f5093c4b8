/** Who is lost is named in time, by the clock that is given; and nobody else is. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Hub, newHub } from '../../src/cluster/hub'
import type { Entered } from '../../src/cluster/link'
import type { Card, Message } from '../../src/cluster/messages'
import type { Told } from '../../src/cluster/options'
import { newSeat, type Seat } from '../../src/cluster/seat'

const BEAT = 1000
const NOTHING = new Uint8Array()
let time = 0
beforeEach(() => {
  time = 0
})

const card = (rank: number, size: number): Card => ({
  token: `${rank}`,
  version: '1',
  size,
  rank,
  host: `h${rank}`,
  pid: rank,
  values: {},
})

interface Place {
  readonly entered: Entered
  readonly sent: readonly Message[]
  readonly come: (point: string) => void
  readonly phase: (phase: string) => void
}

/** A hub of so many members that are together. */
const together = (size: number, come = size): { readonly hub: Hub; readonly places: readonly Place[] } => {
  const hub = newHub({
    ...{ card: card(0, size), join: 100_000, timeout: 60_000, beat: BEAT, settle: 3000 },
    ...{ now: () => time, strangers: () => undefined },
  })
  const places = Array.from({ length: come }, (_, rank): Place => {
    const sent: Message[] = []
    const link = { send: (message: Message) => void sent.push(message), close: () => undefined }
    const entered = hub.enter(card(rank, size), link, rank === 0 ? 'here' : 'there')
    return {
      ...{ entered, sent },
      come: (point) => entered.hear({ kind: 'come', point, first: false }, NOTHING),
      phase: (phase) => entered.hear({ kind: 'phase', phase }, NOTHING),
    }
  })
  return { hub, places }
}

/** Lets the clock go on, beat by beat, while those named are heard of. */
const pass = (seconds: number, hub: Hub, beating: readonly Place[], phase = 'step'): void => {
  for (let i = 0; i < seconds; i++) {
    time += BEAT
    for (const { entered } of beating) entered.hear({ kind: 'beat', phase }, NOTHING)
    hub.tick()
  }
}
const failures = (places: readonly Place[]): readonly string[] =>
  places.flatMap(({ sent }) => sent.flatMap((message) => (message.kind === 'failed' ? [message.message] : [])))

describe('member 0', () => {
  test('names a member that is silent for longer than the time-out, to all, and not sooner', () => {
    const { hub, places } = together(3)
    for (const { phase } of places) phase('step')
    pass(60, hub, [places[1]!])
    expect(failures(places)).toEqual([])
    pass(1, hub, [places[1]!])
    expect(failures(places)).toEqual(
      Array(3).fill("member 2 (h2, pid 2) hangs: nothing was heard of it for 60 s, last in phase 'step'"),
    )
  })

  test('names a member whose connection closes, with the step that all had begun', () => {
    const { places } = together(2)
    places[1]!.phase('preparing')
    for (const { come } of places) come('step 12')
    places[1]!.entered.gone()
    expect(failures(places)).toEqual(
      Array(2).fill('member 1 (h1, pid 1) was killed or its machine is gone: its connection closed in step 12'),
    )
  })

  test('names a member that lives but lets the others wait', () => {
    const { hub, places } = together(3)
    for (const { phase } of places) phase('batch')
    places[0]!.come('step 3')
    places[2]!.come('step 3')
    pass(60, hub, places, 'batch')
    expect(failures(places)).toEqual([])
    pass(1, hub, places, 'batch')
    expect(failures(places)).toEqual(
      Array(3).fill(
        "member 1 (h1, pid 1) is slow: members 0 and 2 have waited for it at step 3 for 60 s, and it is still in phase 'batch'",
      ),
    )
  })

  test.each(['preparing', 'probe', 'saving'])(
    'lets a member take its time in the phase %s, and counts anew afterwards',
    (phase) => {
      const { hub, places } = together(2)
      places[1]!.phase(phase)
      places[0]!.come('step 3')
      pass(500, hub, [places[1]!], phase)
      pass(60, hub, [places[1]!], 'step')
      expect(failures(places)).toEqual([])
      pass(2, hub, [places[1]!], 'step')
      expect(failures(places)[0]).toContain('is slow')
    },
  )

  test('names nobody while all are in a long step, or wait for nobody', () => {
    const { hub, places } = together(2)
    pass(500, hub, places)
    expect(failures(places)).toEqual([])
  })

  test('blames nobody for the time in which it was stopped itself', () => {
    const { hub, places } = together(2)
    places[0]!.come('step 3')
    pass(5, hub, places)
    time += 300_000
    hub.tick()
    pass(50, hub, places)
    expect(failures(places)).toEqual([])
  })

  test('tells who is waited for after 5 s, then rarely, and names them when the time is over', () => {
    const { hub, places } = together(4, 2)
    pass(100, hub, [places[1]!], 'joining')
    const notes = places[1]!.sent.flatMap((message) => (message.kind === 'note' ? [message.text] : []))
    expect(notes).toEqual(Array(3).fill('waiting for members 2 and 3 of 4 …'))
    pass(1, hub, [places[1]!], 'joining')
    expect(failures(places)).toEqual(Array(2).fill('members 2 and 3 of 4 did not come within 100 s'))
  })

  test('takes a member that comes once more for one that lost its connection', () => {
    const { hub, places } = together(2)
    const sent: Message[] = []
    hub.enter(card(1, 2), { send: (message) => void sent.push(message), close: () => undefined }, 'there')
    const message = "member 1 (h1, pid 1) was killed or its machine is gone: its connection closed in phase 'preparing'"
    expect(failures(places)).toEqual([message, message])
    expect(sent).toEqual([expect.objectContaining({ kind: 'refused', message })])
  })

  test('waits again for a member whose connection closes before all are there', () => {
    const { hub, places } = together(3, 2)
    places[1]!.entered.gone()
    pass(10, hub, [])
    expect(places[0]!.sent).toContainEqual({ kind: 'note', text: 'waiting for members 1 and 2 of 3 …' })
    expect(failures(places)).toEqual([])
  })
})

describe('another member', () => {
  const sitting = (): { readonly seat: Seat; readonly told: readonly Told[] } => {
    const told: Told[] = []
    const seat = newSeat({ timeout: 60_000, beat: BEAT, now: () => time, tell: (one) => void told.push(one) })
    seat.sit({ send: () => undefined, close: () => undefined }, 'there')
    seat.hear({ kind: 'together', names: ['member 0 (h0, pid 0)', 'member 1 (h1, pid 1)'] }, NOTHING)
    return { seat, told }
  }

  test('names member 0 if the connection to it closes', () => {
    const { seat, told } = sitting()
    seat.hear({ kind: 'all', point: 'step 7', lengths: [] }, NOTHING)
    seat.closed()
    expect(told.at(-1)).toMatchObject({
      message: 'member 0 (h0, pid 0) was killed or its machine is gone: its connection closed in step 7',
    })
  })

  test('names member 0 if nothing is heard of it', () => {
    const { seat, told } = sitting()
    seat.hear({ kind: 'beat', phase: 'saving' }, NOTHING)
    for (let i = 0; i < 61; i++) {
      time += BEAT
      seat.tick()
    }
    expect(told.at(-1)).toMatchObject({
      message: "member 0 (h0, pid 0) hangs: nothing was heard of it for 60 s, last in phase 'saving'",
    })
  })

  test('is told once, whatever happens afterwards', () => {
    const { seat, told } = sitting()
    seat.hear({ kind: 'failed', message: 'a', remedy: 'b' }, NOTHING)
    seat.closed()
    seat.hear({ kind: 'failed', message: 'c', remedy: 'd' }, NOTHING)
    expect(told.slice(1)).toEqual([{ kind: 'failed', message: 'a', remedy: 'b' }])
  })
})
