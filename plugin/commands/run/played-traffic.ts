import { beginOf, recordedService } from '../../../shared/analysis/recorded/recorded-service.ts'
import {
  parseRecording,
  RecordingError,
  type TrafficRecording,
} from '../../../shared/analysis/recorded/recording.ts'
import type { PlayedService } from '../../../shared/analysis/synthetic/played-service.ts'
import { syntheticService } from '../../../shared/analysis/synthetic/synthetic-service.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { readYamlFile } from '../../read/checked-yaml.ts'
import { parseSimulation } from '../../words/rollout/simulated-traffic.ts'
import type { RunTarget } from './checked-run.ts'
import type { RunFlags } from './run-flags.ts'

/** What a run is played on. */
export interface PlayedTraffic {
  readonly service: PlayedService
  readonly version: string
  readonly stable: string
  /** When it begins. */
  readonly started: Date
  readonly hasDurations: boolean
}

/** The traffic of `--simulate`: made up, or recorded in a file. Throws `usage` or `unreadable` for another text or file. */
export async function playedTraffic(
  { simulate = '', stable }: Pick<RunFlags, 'simulate' | 'stable'>,
  { version }: Pick<RunTarget, 'version'>,
  now: Date,
): Promise<PlayedTraffic> {
  const [, file] = /^file=(.*)$/s.exec(simulate) ?? []
  if (file === undefined)
    return {
      service: syntheticService(parseSimulation(simulate)),
      version: version ?? 'v2',
      stable: stable ?? 'stable',
      started: now,
      hasDurations: true,
    }
  const recording = await readRecording(file)
  const versions = versionsIn(recording, { file, version, stable })
  return {
    ...versions,
    service: recordedService(recording, versions),
    started: new Date(beginOf(recording)),
    hasDurations: recording.hasDurations,
  }
}

async function readRecording(file: string): Promise<TrafficRecording> {
  if (file === '')
    throw new CanaryError('usage', '--simulate file= names no file', {
      hints: ['Example: --simulate file=traffic.jsonl'],
    })
  const text = await readYamlFile(file)
  try {
    return parseRecording(text)
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    throw new CanaryError('unreadable', `${file}:${error.line}: ${error.message}`, {
      hints: ['The format: docs/run.md, "Recorded traffic".'],
    })
  }
}

/** Which versions of a recording are meant. */
function versionsIn(
  { versions }: TrafficRecording,
  asked: { readonly file: string; readonly version: string | undefined; readonly stable: string | undefined },
): { readonly version: string; readonly stable: string } {
  const { file, version = 'v2' } = asked
  const unknown = [version, asked.stable].find(one => one !== undefined && !versions.includes(one))
  if (unknown !== undefined)
    throw new CanaryError('usage', `${file} has no requests of ${unknown}`, {
      hints: [`It has: ${versions.join(', ')}.`],
    })
  const others = versions.filter(one => one !== version)
  const stable = asked.stable ?? (others.length === 1 ? others[0] : undefined)
  if (stable !== undefined && stable !== version) return { version, stable }
  throw new CanaryError('usage', `cannot tell which version of ${file} is stable`, {
    hints: others.length === 0 ? ['It needs requests of two versions.'] : [`Name it: --stable ${others[0]}`],
  })
}
