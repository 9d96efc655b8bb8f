import { CanaryError } from '../../objects/canary-error.ts'
import { readSmallFile } from './read-small-file.ts'

/**
 * PEM of an authority, from the kubeconfig itself (base64) or else from the file that it names; undefined where
 * it names none. Upstream prefers the file, reads it for each request, and fails while it is being replaced.
 */
export async function readAuthority(
  data: string | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString()
  if (!file) return undefined
  try {
    return await readSmallFile(file)
  } catch (error) {
    throw unreadable(error)
  }
}

/** The error for a file that a kubeconfig names; upstream's says nothing of a kubeconfig. */
export function unreadable(error: unknown): CanaryError {
  const { path, message } = error as NodeJS.ErrnoException
  return new CanaryError('unreadable', `kubeconfig: ${path} cannot be read: ${message}`, { cause: error })
}
