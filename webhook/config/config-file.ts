import { CanaryError } from '../../shared/objects/canary-error.ts'
import { watchFiles, type FileWatch } from './watch-files.ts'
import { defaultConfig, type GuardConfig } from './config.ts'
import type { ReadConfig } from './read-config.ts'

/** Callbacks for changes of the file. */
export interface ConfigEvents {
  readonly onLoaded: (config: GuardConfig) => void
  /** The previous configuration stays in use. */
  readonly onRejected: (error: CanaryError) => void
}

/** The configuration in use: the last valid one of the file. */
export interface ActiveConfig {
  readonly current: GuardConfig
  /** Whether the current file is valid, so that it is the one in use. */
  readonly isValid: boolean
  close(): void
}

/**
 * Reads a configuration file and follows its changes; throws a CanaryError if it is invalid at the start. Without
 * a path: the defaults.
 */
export async function openConfig(
  path: string | undefined,
  read: ReadConfig,
  events: ConfigEvents,
): Promise<ActiveConfig> {
  if (path === undefined) return { current: defaultConfig, isValid: true, close: () => undefined }
  const state: { current: GuardConfig; isValid: boolean } = { current: defaultConfig, isValid: true }
  const take = ([text = '']: readonly string[]): void => {
    state.current = read(text)
    state.isValid = true
  }
  const reject = (error: unknown): void => {
    state.isValid = false
    events.onRejected(rejection(path, error))
  }
  let files: FileWatch | undefined
  try {
    files = await watchFiles([path], {
      onChange: texts => {
        try {
          take(texts)
          events.onLoaded(state.current)
        } catch (error) {
          reject(error)
        }
      },
      onProblem: reject,
    })
    take(files.texts)
  } catch (error) {
    files?.close()
    throw rejection(path, error)
  }
  const followed = files
  return {
    get current() {
      return state.current
    },
    get isValid() {
      return state.isValid
    },
    close: () => followed.close(),
  }
}

const rejection = (path: string, error: unknown): CanaryError =>
  new CanaryError(
    'unreadable',
    `the configuration ${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )
