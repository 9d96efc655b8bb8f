import { fieldsOf, textOf } from '../objects/unchecked.ts'
import type { Connection } from './connection/connection.ts'

/**
 * Whom the API server takes us for, because the kubeconfig's nickname means nothing to others; undefined where it does
 * not say.
 */
export async function whoAmI(connection: Connection): Promise<string | undefined> {
  const answer = await connection.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  })
  if (answer.status >= 300) return undefined
  return textOf(fieldsOf(fieldsOf(fieldsOf(answer.json())['status'])['userInfo'])['username'])
}
