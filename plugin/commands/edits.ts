/**
 * What every editing command needs once it runs: one lazy chunk, so that help, completion and status do not
 * load the rules.
 */
export { planAbort } from '../../shared/plan/plan-abort.ts'
export { planCohort } from '../../shared/plan/plan-cohort.ts'
export { planInit } from '../../shared/plan/plan-init.ts'
export { planPromote } from '../../shared/plan/plan-promote.ts'
export { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
export { planWeight } from '../../shared/plan/plan-weight.ts'
export { carryOut } from './run-edit.ts'
