import { readFile } from 'node:fs/promises'
import { CanaryError } from '../../../objects/canary-error.ts'

/** PEM from the kubeconfig itself (base64), else from the file that it names. */
export async function readPem(
  data: string | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString()
  if (!file) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CanaryError('unreadable', `kubeconfig: ${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
