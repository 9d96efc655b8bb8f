import { CanaryError } from '../../shared/objects/canary-error.ts'
import { watchFiles, type FileWatch } from './watch-files.ts'
import { defaultConfig, type GuardConfig } from './config.ts'
import type { ReadConfig } from './read-config.ts'

/** Who is told when the file has changed. */
export interface ConfigEvents {
  readonly onLoaded: (config: GuardConfig) => void
  /** The configuration before stays in force. */
  readonly onRefused: (error: CanaryError) => void
}

/** The configuration in force: that of the file as it last was right. */
export interface ConfigInForce {
  readonly current: GuardConfig
  /** Whether the file as it is now is the one in force. */
  readonly isValid: boolean
  close(): void
}

/**
 * Opens a configuration file and follows its changes; throws a CanaryError where it is wrong from the start.
 * Without a path: the defaults.
 */
export async function openConfig(
  path: string | undefined,
  read: ReadConfig,
  events: ConfigEvents,
): Promise<ConfigInForce> {
  if (path === undefined) return { current: defaultConfig, isValid: true, close: () => undefined }
  const state: { current: GuardConfig; isValid: boolean } = { current: defaultConfig, isValid: true }
  const take = ([text = '']: readonly string[]): void => {
    state.current = read(text)
    state.isValid = true
  }
  const refuse = (error: unknown): void => {
    state.isValid = false
    events.onRefused(refusal(path, error))
  }
  let files: FileWatch | undefined
  try {
    files = await watchFiles([path], {
      onChange: texts => {
        try {
          take(texts)
          events.onLoaded(state.current)
        } catch (error) {
          refuse(error)
        }
      },
      onProblem: refuse,
    })
    take(files.texts)
  } catch (error) {
    files?.close()
    throw refusal(path, error)
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

const refusal = (path: string, error: unknown): CanaryError =>
  new CanaryError(
    'unreadable',
    `the configuration ${path} is not usable: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )
