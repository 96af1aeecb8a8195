// Instants in statements are UTC and end in Z (z.iso.datetime), so they are compared and shortened as text.

/** Whether one instant is later than another. */
export function isLater(one: string, than: string): boolean {
  return one.slice(0, -1) > than.slice(0, -1)
}

/** To the minute, in UTC. */
export function minuteOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ')
}
