import { readFile } from 'node:fs/promises'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'

/** The text of a file. Throws a CanaryError `unreadable`. */
export const loadText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw new CanaryError('unreadable', `${path} cannot be read`, { cause: error })
  })
