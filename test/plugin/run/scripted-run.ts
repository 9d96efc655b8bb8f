import type { CheckVerdict } from '../../../shared/analysis/check-result.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { stagesOf, type RolloutPlan } from '../../../shared/rollout/rollout-plan.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { beginning, isOver, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import { carryOut } from '../../../plugin/run/carry-out.ts'
import type { RolloutPorts, RouteEdit, RouteStep } from '../../../plugin/run/rollout-ports.ts'

/** What a run did to a made-up world. */
export interface ScriptedRun {
  /** In order: `edit stage 0`, `measure 0`, `hold`, `save running`, `hook start`, `wait`; `look fails` with an error. */
  readonly calls: readonly string[]
  /** The news, each with the status that the run had then. */
  readonly news: readonly string[]
  /** Seconds that passed. */
  readonly seconds: () => number
  /** The run as it ended, or the error. */
  readonly ended: RolloutRecord | Error
}

/** What the world does; each is told how often it was asked before. */
export interface Script {
  readonly plan?: Partial<RolloutPlan>
  readonly state?: RolloutState
  readonly verdict?: (before: number, stage: number) => CheckVerdict
  readonly edit?: (step: RouteStep, before: number) => RouteEdit | undefined
  readonly hold?: (before: number) => string | undefined
  readonly ask?: () => Promise<boolean>
  /** An error in place of a call. */
  readonly fails?: (call: string, before: number) => Error | undefined
  /** What others make of the state, looked up at each call. */
  readonly orders?: (state: RolloutState, call: string, before: number) => RolloutState
}

export const plan: RolloutPlan = {
  stages: stagesOf({ steps: [10, 50], ofCohort: false, atOnce: false }),
  interval: 60,
  checks: 1,
  threshold: 2,
  failures: 'total',
  promote: 'auto',
  metrics: [
    { name: 'smoke', source: { kind: 'webhook', url: 'http://ci' }, window: 60, comparesWithStable: false },
  ],
  minRequests: 50,
  confidence: 0.95,
  onNoData: 'wait',
  noDataDeadline: 900,
  gates: [],
  hooks: [],
}

const begin = Date.UTC(2026, 0, 1)

/** A run of which nothing is written yet. */
export const begun: RolloutRecord = {
  format: 1,
  id: '1f2e3d4c',
  service: 'catalog',
  namespace: 'shop',
  version: 'v2',
  stable: 'v1',
  plan,
  state: beginning,
  command: 'kubectl canary run catalog v2',
  started: new Date(begin).toISOString(),
  force: false,
}

/** The error of a server that may answer again. */
export const unreachable = new CanaryError('unreachable', 'no answer')

/** Carries out a run in a made-up world. A run that calls more than 3000 times is taken for endless. */
export async function scripted(script: Script): Promise<ScriptedRun> {
  const world = new MadeUpWorld(script)
  const ended = await carryOut(world.record, portsIn(world)).catch((error: unknown) => error as Error)
  const { calls, news } = world
  return { calls, news, seconds: () => (world.now - begin) / 1000, ended }
}

class MadeUpWorld {
  readonly script: Script
  readonly calls: string[] = []
  readonly news: string[] = []
  now = begin
  record: RolloutRecord

  constructor(script: Script) {
    this.script = script
    this.record = { ...begun, plan: { ...plan, ...script.plan }, state: script.state ?? beginning }
  }

  /** Notes a call, with what comes of it; gives how often it was made before. */
  called(call: string): number {
    const { calls, script, record } = this
    const before = calls.filter(one => one === call || one === `${call} fails`).length
    if (calls.length > 3000) throw new Error('endless')
    const error = script.fails?.(call, before)
    calls.push(error === undefined ? call : `${call} fails`)
    if (error !== undefined) throw error
    const state = isOver(record.state) ? undefined : script.orders?.(record.state, call, before)
    if (state !== undefined) this.record = { ...record, state }
    return before
  }

  /** Keeps what others ordered. */
  save({ paused: _, ...mine }: RolloutState): void {
    const { paused } = this.record.state
    if (isOver(this.record.state)) return
    this.record = { ...this.record, state: { ...mine, ...(paused !== undefined && { paused }) } }
  }
}

function portsIn(world: MadeUpWorld): RolloutPorts {
  const { script } = world
  return {
    edit: async (_, step) => {
      const before = world.called(
        step === 'stage' ? `edit stage ${world.record.state.stage}` : `edit ${step}`,
      )
      return script.edit?.(step, before) ?? { kind: 'done', print: step }
    },
    measure: async ({ state }) => {
      world.called(`measure ${state.stage}`)
      const before = world.calls.filter(call => /^measure \d$/.test(call)).length - 1
      const verdict = script.verdict?.(before, state.stage) ?? 'pass'
      return { kind: 'measured', results: [{ metric: 'smoke', verdict, reason: 'check-passed' }] }
    },
    hold: async () => {
      const before = world.called('hold')
      return script.hold?.(before)
    },
    hook: async (_, moment) => void world.called(`hook ${moment}`),
    save: async state => {
      world.called(`save ${state.status}`)
      world.save(state)
      return world.record
    },
    look: async () => {
      world.called('look')
      return world.record
    },
    ...(script.ask !== undefined && {
      ask: async () => {
        world.called('ask')
        return script.ask!()
      },
    }),
    now: () => new Date(world.now),
    wait: async milliseconds => {
      world.called('wait')
      world.now += milliseconds
      await Promise.resolve()
    },
    report: ({ kind }, { state }) => void world.news.push(`${kind} ${state.status}`),
  }
}
