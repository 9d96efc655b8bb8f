import { serviceWord } from '../objects/text/kubectl-commands.ts'
import type { RolloutRecord } from './rollout-record.ts'

/** What names the routes of a run in a command. */
export type RunWords = Pick<RolloutRecord, 'service' | 'namespace' | 'provider'>

/**
 * The words after a verb that edits or shows the routes of a run: `catalog -n shop --provider deployment`. Verbs that order
 * the run itself take its routing API from its record.
 */
export const routesOfRun = ({ service, namespace, provider }: RunWords, version?: string): string =>
  [
    serviceWord(service),
    ...(version === undefined ? [] : [version]),
    `-n ${namespace}`,
    ...(provider === undefined ? [] : [`--provider ${provider}`]),
  ].join(' ')

/** The command that began a run, as it is typed after `kubectl canary`. */
export const wordsOf = ({ command }: Pick<RolloutRecord, 'command'>): string =>
  command.replace(/^kubectl canary /, '')
