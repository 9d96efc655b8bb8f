import { pause, type Timers } from '../../shared/live/watch/stream/timers.ts'
import { watchFiles, type FileWatch } from '../mounted/watch-files.ts'
import { checkedPair } from './key-pair.ts'
import type { ServedPair } from './served.ts'

/** The files of a certificate chain and its key, as a Secret of type `kubernetes.io/tls` is mounted. */
export interface PairFiles {
  readonly certificate: string
  readonly key: string
}

/** What following mounted files works with. */
export interface MountedParts {
  readonly files: PairFiles
  readonly served: ServedPair
  readonly timers: Timers
  readonly onProblem: (error: unknown) => void
  readonly signal: AbortSignal
}

/** How long until files that are not there yet are looked for again. */
const retryMs = 2_000

/** Serves the pair in the files, and each that replaces it; a bad one leaves the old one serving. Ends with its signal and never rejects. */
export async function followMountedPair({ files, served, timers, onProblem, signal }: MountedParts): Promise<void> {
  const take = ([certificate = '', key = '']: readonly string[]): void => {
    try {
      served.take(checkedPair({ certificate, key }, timers.now()))
    } catch (error) {
      onProblem(error)
    }
  }
  let watch: FileWatch | undefined
  while (watch === undefined && !signal.aborted) {
    try {
      watch = await watchFiles([files.certificate, files.key], { onChange: take, onProblem })
    } catch (error) {
      onProblem(error)
      await pause(timers, retryMs, signal)
    }
  }
  if (watch === undefined) return
  if (signal.aborted) return watch.close()
  signal.addEventListener('abort', () => watch.close())
  take(watch.texts)
}
