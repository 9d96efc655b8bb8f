import type { CelCheck } from '../../schema/schema.ts'

type ParentFields = Readonly<Record<string, unknown>>

/** What a parent reference names, with the API server's defaults, and its section. */
const parentOf = (self: ParentFields): { readonly parent: string; readonly section: unknown } => ({
  parent: JSON.stringify([
    self['group'] ?? 'gateway.networking.k8s.io',
    self['kind'] ?? 'Gateway',
    self['name'],
    self['namespace'] ?? '',
  ]),
  section: self['sectionName'] ?? '',
})
const isUnset = (field: string): string => `(!has(${field}) || ${field} == '')`
const isSameParent =
  'p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && '
  + `((${isUnset('p1.__namespace__')} && ${isUnset('p2.__namespace__')})`
  + ` || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ ))`
const [noSection1, noSection2] = [isUnset('p1.sectionName'), isUnset('p2.sectionName')]

/** References to one parent: all of them or none have a section, and no section is named twice. */
export const parentRules: readonly (readonly [string, CelCheck])[] = [
  [
    `self.all(p1, self.all(p2, ${isSameParent} ? (${noSection1} == ${noSection2}) : true))`,
    (self: readonly ParentFields[]) =>
      [...Map.groupBy(self.map(parentOf), ({ parent }) => parent).values()].every(
        same => new Set(same.map(({ section }) => section === '')).size === 1,
      ),
  ],
  [
    `self.all(p1, self.exists_one(p2, ${isSameParent} && ((${noSection1} && ${noSection2}) || `
      + '(has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName))))',
    (self: readonly ParentFields[]) =>
      new Set(self.map(each => JSON.stringify(parentOf(each)))).size === self.length,
  ],
]
