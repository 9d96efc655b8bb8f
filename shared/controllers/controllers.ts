import type { Controller } from '../routing/controller.ts'
import { argoRollouts } from './argo-rollouts/controller.ts'
import { flagger } from './flagger/controller.ts'

/** The programs that may own a rollout, in the order in which they are asked. */
export const controllers: readonly Controller[] = [argoRollouts, flagger]
