/** Rules of the shop's HTTPRoute. */
import { to } from './shop.ts'

/** A rule for all requests, at v1. */
export const whole = { backendRefs: [to('catalog-v1')] }

/** A rule for a prefix of paths, at v1 unless `more` says otherwise. */
export const at = (value: string, more: object = {}): object => ({
  matches: [{ path: { type: 'PathPrefix', value } }],
  ...whole,
  ...more,
})

/** A rule for requests that have a header, at v1 unless `more` says otherwise. */
export const withHeader = (name: string, value: string, more: object = {}): object => ({
  matches: [{ headers: [{ name, value }] }],
  ...whole,
  ...more,
})

/** A filter that copies requests to a Service: all of them, unless `part` says which. */
export const mirrorTo = (name: string, part: object = {}): object => ({
  type: 'RequestMirror',
  requestMirror: { backendRef: to(name), ...part },
})
