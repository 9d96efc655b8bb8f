/** A request as it was answered. */
export interface ShownRequest {
  readonly method: string
  readonly url: string
  /** `200 OK`. */
  readonly status: string
  readonly milliseconds: number
}

/** A request in the form in which kubectl logs it from -v 6 on (klog): `I0801 12:00:00.000000 "Response" verb=…`. */
export function formatRequest({ method, url, status, milliseconds }: ShownRequest, now: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = two(now.getMonth() + 1) + two(now.getDate())
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':')
  const micros = `${String(now.getMilliseconds()).padStart(3, '0')}000`
  return `I${day} ${time}.${micros} "Response" verb="${method}" url="${url}" status="${status}" milliseconds=${milliseconds}`
}
