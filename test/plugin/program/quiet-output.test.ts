import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import { QuietOutput } from '../../../plugin/quiet-output.ts'
import { folderWith } from '../../live/folder.ts'

/** An output to a descriptor, and the streams that it has opened. */
function outputTo(descriptor: number): { output: QuietOutput; opened: PassThrough[] } {
  const opened: PassThrough[] = []
  const output = new QuietOutput(descriptor, () => {
    opened.push(new PassThrough())
    return opened.at(-1) as unknown as NodeJS.WriteStream
  })
  return { output, opened }
}

const textOf = (stream: PassThrough | undefined): string => String((stream?.read() as Buffer | null) ?? '')

test('short texts go to a file as they are, and from the first long one on Node’s stream writes', async () => {
  await using folder = await folderWith({ out: '' })
  const file = join(folder.path, 'out')
  const descriptor = openSync(file, 'w')
  const { output, opened } = outputTo(descriptor)
  output.write('first ä→\n')
  output.write('')
  assert.deepEqual([output.isTTY, opened.length], [false, 0])
  assert.equal(readFileSync(file, 'utf8'), 'first ä→\n')
  const long = 'x'.repeat(20_000)
  output.write(long)
  output.write('last\n')
  await output.written()
  assert.equal(textOf(opened[0]), `${long}last\n`)
  assert.equal(readFileSync(file, 'utf8'), 'first ä→\n')
  closeSync(descriptor)
})

test('many short texts are no more than fits into a pipe', async () => {
  await using folder = await folderWith({ out: '' })
  const file = join(folder.path, 'out')
  const descriptor = openSync(file, 'w')
  const { output, opened } = outputTo(descriptor)
  for (let i = 0; i < 500; i++) output.write('€'.repeat(20))
  assert.ok(readFileSync(file).length <= 16 << 10)
  assert.equal(readFileSync(file, 'utf8') + textOf(opened[0]), '€'.repeat(500 * 20))
  closeSync(descriptor)
})

test('a device that may be a terminal is left to Node’s stream, and /dev/null is none', () => {
  for (const [path, isOpened] of [
    ['/dev/null', false],
    ['/dev/zero', true],
  ] as const) {
    const descriptor = openSync(path, 'r+')
    const { output, opened } = outputTo(descriptor)
    assert.notEqual(output.isTTY, true)
    output.write('text')
    assert.equal(opened.length > 0, isOpened, path)
    closeSync(descriptor)
  }
})

test('what a slow reader leaves no room for is written by Node’s stream', async () => {
  await using folder = await folderWith({})
  const path = join(folder.path, 'pipe')
  execFileSync('mkfifo', [path])
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const some = Buffer.alloc(4096)
  assert.throws(() => {
    for (;;) writeSync(descriptor, some)
  }, /EAGAIN/)
  const { output, opened } = outputTo(descriptor)
  output.write('late\n')
  assert.equal(textOf(opened[0]), 'late\n')
  assert.equal(output.closed, false)
  closeSync(descriptor)
})

test('that nobody reads any more is no error', async () => {
  await using folder = await folderWith({ out: '' })
  const descriptor = openSync(join(folder.path, 'out'), 'r')
  const { output, opened } = outputTo(descriptor)
  output.write('text')
  output.write('text')
  await output.written()
  assert.deepEqual([output.closed, opened.length], [true, 0])
  closeSync(descriptor)
})
