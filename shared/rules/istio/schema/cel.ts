import { parseDuration } from '../../../objects/text/parse-duration.ts'
import type { CelCheck } from '../../schema/schema.ts'

type Keyed = Readonly<Record<string, unknown>>

const has = (self: Keyed, key: string): boolean => self[key] !== undefined && self[key] !== null
const atMostOne =
  (...keys: readonly string[]) =>
  (self: Keyed): boolean =>
    keys.filter(key => has(self, key)).length <= 1
const isSocket = (address: string): boolean => address.startsWith('unix://')
const resolutionOf = ({ resolution }: { readonly resolution?: string }): string => resolution ?? 'NONE'

/** Every rule of the CRDs (x-kubernetes-validations) by its text; a test holds this table to the schemas. */
export const celRules: ReadonlyMap<string, CelCheck> = new Map<string, CelCheck>([
  [`duration(self) >= duration('1ms')`, (self: string) => (parseDuration(self) ?? 0) >= 1],
  [`self.all(key, !key.contains("*"))`, (self: Keyed) => Object.keys(self).every(key => !key.includes('*'))],
  [`self.all(key, key.size() != 0)`, (self: Keyed) => !Object.hasOwn(self, '')],
  [`!self.contains("*")`, (self: string) => !self.includes('*')],
  [
    `(has(self.tlsCertificates) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1`,
    atMostOne('tlsCertificates', 'credentialNames'),
  ],
  [
    `(has(self.credentialName) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1`,
    atMostOne('credentialName', 'credentialNames'),
  ],
  [
    `(has(self.credentialNames) ? 1 : 0) + (has(self.tlsCertificates) ? 1 : 0) <= 1`,
    atMostOne('credentialNames', 'tlsCertificates'),
  ],
  [
    `(has(self.workloadSelector) ? 1 : 0) + (has(self.endpoints) ? 1 : 0) <= 1`,
    atMostOne('workloadSelector', 'endpoints'),
  ],
  [
    '!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && '
      + '!((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))',
    (self: { readonly addresses?: readonly string[]; readonly resolution?: string }) =>
      ['STATIC', 'NONE'].includes(resolutionOf(self))
      || !(self.addresses ?? []).some(address => address.includes('/')),
  ],
  [
    `((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true`,
    (self: Keyed) => resolutionOf(self) !== 'NONE' || !has(self, 'endpoints'),
  ],
  [
    '((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? ((has(self.endpoints) ? '
      + 'self.endpoints : []).size() <= 1) : true',
    (self: { readonly resolution?: string; readonly endpoints?: readonly unknown[] }) =>
      self.resolution !== 'DNS_ROUND_ROBIN' || (self.endpoints ?? []).length <= 1,
  ],
  [`has(self.address) || has(self.network)`, (self: Keyed) => has(self, 'address') || has(self, 'network')],
  [
    `(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true`,
    (self: Keyed & { readonly address?: string }) => !isSocket(self.address ?? '') || !has(self, 'ports'),
  ],
  [
    `self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true`,
    (self: string) => !isSocket(self) || /^[/@]/.test(self.slice(7)),
  ],
  [
    `self.startsWith("unix://") ? !self.endsWith("/") : true`,
    (self: string) => !isSocket(self) || !self.endsWith('/'),
  ],
  [
    `self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))`,
    (self: Keyed) =>
      Object.keys(self).every(
        key => key.length < 63 && /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(key),
      ),
  ],
  [`0 < self && self <= 65535`, (self: number) => self > 0 && self <= 65535],
  [`self != "*"`, (self: string) => self !== '*'],
  [
    `self.all(l1, self.exists_one(l2, l1.number == l2.number))`,
    (self: readonly { readonly number: number }[]) =>
      new Set(self.map(({ number }) => number)).size === self.length,
  ],
  [`self in ["", "HTTP", "HTTPS"]`, (self: string) => ['', 'HTTP', 'HTTPS'].includes(self)],
])
