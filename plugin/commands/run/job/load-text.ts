import { readText } from '../../../../shared/files/read-text.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'

/** The text of a file. Throws a CanaryError `unreadable`. */
export const loadText = (path: string): Promise<string> =>
  readText(path).catch((error: unknown) => {
    throw new CanaryError('unreadable', `${path} cannot be read`, { cause: error })
  })
