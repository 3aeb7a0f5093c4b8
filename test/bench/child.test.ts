/** The line protocol, with programs a line long. */
import { expect, test } from 'vitest'
import { type Command, ProgramFailed, ProgramMissing, start, using } from '../../bench/programs/child'

const node = (script: string): Command => ({ file: process.execPath, args: ['-e', script] })

const ECHO = `
  console.log('not an answer')
  console.log('{"ready": 1}')
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'end') process.exit()
    if (line === 'fail') console.log('{"error": "no such thing"}')
    else if (line === 'die') { console.error('last words'); process.exit(3) }
    else console.log(JSON.stringify({ length: line.length }))
  })`

test('a program answers what it is asked, in order', async () => {
  const answers = await using([node(ECHO)], async ([program]) => {
    expect(program!.ready).toEqual({ ready: 1 })
    return [await program!.ask('a'), await program!.ask('abc')]
  })
  expect(answers).toEqual([{ length: 1 }, { length: 3 }])
})

test('what a program says is wrong is thrown, and so is its end', async () => {
  await expect(using([node(ECHO)], ([program]) => program!.ask('fail'))).rejects.toThrow(new ProgramFailed('no such thing'))
  await expect(using([node(ECHO)], ([program]) => program!.ask('die'))).rejects.toThrow(/ended with 3:\nlast words/)
})

test('a program that does not get ready says why', async () => {
  await expect(start(node('process.stderr.write("no torch"); process.exit(1)'))).rejects.toThrow(/no torch/)
  await expect(start(node(`console.log('{"missing": "no TensorFlow"}')`))).rejects.toThrow(new ProgramMissing('no TensorFlow'))
  await expect(start({ file: '/no/such/program', args: [] })).rejects.toThrow(/ENOENT/)
})
