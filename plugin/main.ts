import { openStore } from './open-store.ts'
import { interruptedCode } from './exit-codes.ts'
import type { Output, Streams } from './streams.ts'

/** Runs the program as the shell started it: `command` does what was typed, `complete` says how it could go on. The only place that names `process`. */
export async function start(mode: 'command' | 'complete'): Promise<void> {
  const { run } = mode === 'command' ? await import('./cli.ts') : await import('./complete/complete.ts')
  const code = await run(process.argv.slice(2), streams(), openStore)
  await Promise.all([process.stdout, process.stderr].map(stream => new Promise(resolve => stream.write('', resolve))))
  process.exit(code)
}

function streams(): Streams {
  const interrupt = new AbortController()
  process.on('SIGINT', () => interrupt.signal.aborted ? process.exit(interruptedCode) : interrupt.abort())
  return {
    stdin: process.stdin,
    stdout: quiet(process.stdout),
    stderr: quiet(process.stderr),
    env: process.env,
    interrupt: interrupt.signal,
    now: () => new Date(),
  }
}

/** A stream whose reader may leave (`| head`): no complaint, the work goes on. */
function quiet(stream: NodeJS.WriteStream): Output {
  let closed = false
  stream.on('error', () => { closed = true })
  return {
    write: text => !closed && stream.write(text),
    get isTTY() { return stream.isTTY },
    get columns() { return stream.columns },
    get closed() { return closed },
  }
}

if (import.meta.main) await start('command')
