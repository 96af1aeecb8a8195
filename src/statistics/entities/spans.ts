import { countMetric, type Measured, type Metric, ratio } from '../metric.ts'
import { sharedCount } from './sets.ts'

/** start, end (exclusive) and type; offsets count Unicode code points of the text, or tokens. More fields may follow. */
export type Span = readonly [start: number, end: number, type: string, ...rest: unknown[]]

export interface SpanSets {
  readonly gold: readonly Span[]
  /** Null: no answer, which counts as no span. */
  readonly predicted: readonly Span[] | null
}

/** Hits, gold and predicted, summed over documents. */
export interface SpanCounts {
  readonly hits: number
  readonly gold: number
  readonly predicted: number
}

type CountDocument = (gold: readonly Span[], predicted: readonly Span[]) => SpanCounts

/** Equal start, end and type; nested and overlapping spans are members like any other, repeats count once. */
export const countStrict: CountDocument = (gold, predicted) => countKeys(gold, predicted, typedKey)

/** Type ignored. */
export const countUntyped: CountDocument = (gold, predicted) =>
  countKeys(gold, predicted, ([start, end]) => `${start} ${end}`)

/**
 * A predicted span is right if it shares a character with a gold span of its type that no earlier span took; both in order
 * of start, end. Never the headline.
 */
export const countOverlap: CountDocument = (gold, predicted) => {
  const truth = inOrder(gold)
  const named = inOrder(predicted)
  const taken = new Set<Span>()
  for (const [start, end, type] of named) {
    const match = truth.find((span) => !taken.has(span) && span[2] === type && span[0] < end && start < span[1])
    if (match) taken.add(match)
  }
  return { hits: taken.size, gold: truth.length, predicted: named.length }
}

/** 2 TP / (predicted + gold) pooled over documents, and `per` type the same. Nothing in gold nor predictions: null. */
export const spanF1: Metric<SpanSets> = pooled('span_f1', countStrict)
export const spanF1Untyped: Metric<SpanSets> = pooled('span_f1_untyped', countUntyped)
export const spanF1Overlap: Metric<SpanSets> = pooled('span_f1_overlap', countOverlap)

export interface SpanReport extends SpanCounts {
  /** 0 where nothing was predicted, as the reference tools print it. */
  readonly precision: number
  readonly recall: number
  readonly f1: number | null
  /** Mean F1 over the types in gold or predictions. */
  readonly f1Macro: number | null
}

export function spanReport(documents: readonly SpanSets[], count: CountDocument = countStrict): SpanReport {
  const total = sum(documents, count)
  const types = typesOf(documents)
  const each = types.map(
    (type) =>
      f1(
        sum(
          documents.map((document) => ofType(document, type)),
          count,
        ),
      ) ?? 0,
  )
  return {
    ...total,
    precision: ratio(total.hits, total.predicted) ?? 0,
    recall: ratio(total.hits, total.gold) ?? 0,
    f1: f1(total),
    f1Macro: ratio(
      each.reduce((all, value) => all + value, 0),
      types.length,
    ),
  }
}

function pooled(id: string, count: CountDocument): Metric<SpanSets> {
  return countMetric(id, 'higher', (items) => {
    const types = typesOf(items)
    return {
      size: 3 * (types.length + 1),
      contribute: (document, add) => {
        const put = (row: number, { hits, gold, predicted }: SpanCounts): void => {
          add(3 * row, hits)
          add(3 * row + 1, gold)
          add(3 * row + 2, predicted)
        }
        put(types.length, count(document.gold, document.predicted ?? []))
        const present = new Set(typesOf([document]))
        for (const [row, type] of types.entries()) {
          if (!present.has(type)) continue
          const { gold, predicted } = ofType(document, type)
          put(row, count(gold, predicted ?? []))
        }
      },
      value: (cells): Measured => {
        const of = (row: number) =>
          f1({ hits: cells[3 * row] ?? 0, gold: cells[3 * row + 1] ?? 0, predicted: cells[3 * row + 2] ?? 0 })
        const per = Object.fromEntries(types.map((type, row) => [type, of(row)]))
        const value = of(types.length)
        return value === null ? { value, reason: 'no spans', per } : { value, per }
      },
    }
  })
}

function f1({ hits, gold, predicted }: SpanCounts): number | null {
  return ratio(2 * hits, gold + predicted)
}

function sum(documents: readonly SpanSets[], count: CountDocument): SpanCounts {
  let hits = 0
  let gold = 0
  let predicted = 0
  for (const document of documents) {
    const counts = count(document.gold, document.predicted ?? [])
    hits += counts.hits
    gold += counts.gold
    predicted += counts.predicted
  }
  return { hits, gold, predicted }
}

function typesOf(documents: readonly SpanSets[]): string[] {
  const types = new Set<string>()
  for (const { gold, predicted } of documents) {
    for (const span of gold) types.add(span[2])
    for (const span of predicted ?? []) types.add(span[2])
  }
  return [...types].sort()
}

function ofType({ gold, predicted }: SpanSets, type: string): SpanSets {
  const only = (spans: readonly Span[]) => spans.filter((span) => span[2] === type)
  return { gold: only(gold), predicted: predicted && only(predicted) }
}

function typedKey([start, end, type]: Span): string {
  return `${start} ${end} ${type}`
}

function countKeys(gold: readonly Span[], predicted: readonly Span[], key: (span: Span) => string): SpanCounts {
  const truth = new Set(gold.map(key))
  const named = new Set(predicted.map(key))
  return { hits: sharedCount(truth, named), gold: truth.size, predicted: named.size }
}

/** Repeats once, by start, end, then type, so that no tie depends on the order given. */
function inOrder(spans: readonly Span[]): Span[] {
  const distinct = new Map(spans.map((span) => [typedKey(span), span]))
  return [...distinct.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0))
}
