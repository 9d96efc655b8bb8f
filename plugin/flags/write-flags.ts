import { Option, type Command } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { patchFormats, type PatchFormat } from '../words/patch-formats.ts'
import { completed, oneOf } from './completed.ts'
import { parseDuration } from '../../shared/objects/text/parse-duration.ts'

/** How an edit is written to a cluster, and what is recorded of it. */
export interface WriteFlags {
  readonly reason?: string | undefined
  /** Milliseconds between a new subset and the route that names it. */
  readonly settle: number
  /** Milliseconds between a route that leads elsewhere and the removal of what it named. */
  readonly drain: number
  /** Milliseconds that pods of a version have to become ready before a route leads to it. */
  readonly readyTimeout: number
  /** How many changes of a service are kept. */
  readonly historyLimit: number
  /** Print the edit in this form, and write nothing. */
  readonly emitPatch?: PatchFormat | undefined
}

/** Declares the flags of commands that write. */
export function declareWriteFlags(program: Command): void {
  program
    .optionsGroup('Writing:')
    .option('--reason <text>', 'why the change is made; recorded')
    .option(
      '--settle <duration>',
      'how long to wait for the proxies to receive a new subset before a route names it',
      '2s',
    )
    .option(
      '--ready-timeout <duration>',
      'how long the pods of a version have to become ready between its subset and the route to it',
      '60s',
    )
    .option(
      '--drain <duration>',
      'how long to wait for requests to end before the subset, Service or workload that served them is removed',
      '30s',
    )
    .option('--history-limit <number>', 'how many changes of the Service its history keeps', '10')
    .addOption(
      completed(
        new Option(
          '--emit-patch <format>',
          'print a patch to commit (json, merge or kustomize), and write nothing',
        ),
        oneOf(...patchFormats),
      ),
    )
}

/** What was typed of them; throws `usage` for values that do not fit. */
export const writingOf = ({
  reason,
  settle,
  readyTimeout,
  drain,
  historyLimit,
  emitPatch,
}: {
  readonly reason: string | undefined
  readonly settle: string
  readonly readyTimeout: string
  readonly drain: string
  readonly historyLimit: string
  readonly emitPatch: string | undefined
}): WriteFlags => ({
  reason,
  settle: durationOf('--settle', settle),
  readyTimeout: durationOf('--ready-timeout', readyTimeout),
  drain: durationOf('--drain', drain),
  historyLimit: limitOf(historyLimit),
  emitPatch: emitPatch === undefined ? undefined : patchFormatOf(emitPatch),
})

/** What setTimeout can wait: 2³¹ − 1 ms, more than 24 days. */
const longest = 2_147_483_647

function durationOf(flag: string, text: string): number {
  const duration = text === '0' ? 0 : parseDuration(text)
  if (duration !== undefined && duration >= 0 && duration <= longest) return duration
  throw new CanaryError('usage', `${flag} ${text} is not a duration`, {
    hints: ['Write it like 2s, 500ms or 1m; 0 does not wait.'],
  })
}

function patchFormatOf(text: string): PatchFormat {
  const format = patchFormats.find(known => known === text)
  if (format !== undefined) return format
  throw new CanaryError('usage', `--emit-patch ${text} is not a form of a patch`, {
    hints: [`Use one of ${patchFormats.join(', ')}.`],
  })
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new CanaryError('usage', `--history-limit ${text} is not a number from 1 to 9999`, {
    hints: ['Write it like --history-limit 20; the default is 10.'],
  })
}
