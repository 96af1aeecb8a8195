/** Groups in order of first appearance; items inside keep their order. */
export type Groups<Item> = readonly (readonly Item[])[]

/** What was drawn with replacement: a column's groups, or single items when there is no such column. */
export type Unit = 'group' | 'item'

/** Groups items by a key (patient, document, subject, scaffold, topic). A null key makes an item its own group. */
export function groupBy<Item>(items: readonly Item[], key: (item: Item, index: number) => string | null): Item[][] {
  const groups: Item[][] = []
  const places = new Map<string, Item[]>()
  for (const [index, item] of items.entries()) {
    const name = key(item, index)
    const known = name === null ? undefined : places.get(name)
    if (known) {
      known.push(item)
      continue
    }
    const group = [item]
    groups.push(group)
    if (name !== null) places.set(name, group)
  }
  return groups
}

/** Every item its own group: what independent items look like. */
export function singly<Item>(items: readonly Item[]): Item[][] {
  return items.map((item) => [item])
}
