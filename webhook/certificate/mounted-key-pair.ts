import { join } from 'node:path'
import type { KeyPair, KeyPairSource } from './key-pair.ts'
import { watchFiles, type FileWatch } from '../config/watch-files.ts'

/** A Secret can be mounted before it contains a certificate. */
const retryMs = 1000

/**
 * The certificate in a mounted Secret of type kubernetes.io/tls (of cert-manager or of the user), read again
 * after each renewal.
 */
export function mountedKeyPair(folder: string, onProblem: (error: unknown) => void): KeyPairSource {
  let files: FileWatch | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false
  const open = async (onKeyPair: (pair: KeyPair) => void): Promise<void> => {
    const give = ([certificate = '', key = '']: readonly string[]): void => onKeyPair({ certificate, key })
    try {
      files = await watchFiles([join(folder, 'tls.crt'), join(folder, 'tls.key')], {
        onChange: give,
        onProblem,
      })
      if (isClosed) files.close()
      else give(files.texts)
    } catch (error) {
      if (isClosed) return
      onProblem(error)
      retry = setTimeout(() => void open(onKeyPair), retryMs)
    }
  }
  return {
    start: onKeyPair => void open(onKeyPair),
    close: async () => {
      isClosed = true
      clearTimeout(retry)
      files?.close()
    },
  }
}
