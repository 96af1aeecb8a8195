import { createHash } from 'node:crypto'
import { canonicalJson } from '../digest/canonical-json.ts'
import { dataDigest, digestListing } from '../digest/listing.ts'
import { tripleF1 } from '../entities/sets.ts'
import { type Span, spanF1Overlap } from '../entities/spans.ts'
import { boxesAp } from '../images/boxes.ts'
import { type Factoid, factoidLenient, factoidMrr, factoidStrict } from '../text/answers.ts'
import type { Runners } from './runner.ts'

type Corners = [number, number, number, number, number]

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
const box = ([x1, y1, x2, y2, score = 0]: number[]) => ({ x1: x1 ?? 0, y1: y1 ?? 0, x2: x2 ?? 0, y2: y2 ?? 0, score })

export const entitiesBoxesDigests: Runners = {
  span_f1_overlap: ({ gold, predicted }: { gold: Span[]; predicted: Span[] }) =>
    spanF1Overlap.compute([{ gold, predicted }]).value,
  bioasq_factoid: ({ questions }: { questions: Factoid[] }) => ({
    strict: factoidStrict.compute(questions).value,
    lenient: factoidLenient.compute(questions).value,
    mrr: factoidMrr.compute(questions).value,
  }),
  boxes_ap: (input: { gold_x1y1x2y2: Corners[]; predicted_x1y1x2y2_score: Corners[] }) => {
    const image = { gold: input.gold_x1y1x2y2.map(box), predicted: input.predicted_x1y1x2y2_score.map(box) }
    return { '0.5': boxesAp([image], 0.5), '0.75': boxesAp([image], 0.75) }
  },
  data_digest: ({ files, task_entry }: { files: Record<string, string>; task_entry: unknown }) => {
    const list = Object.entries(files).map(([path, content]) => ({ path, sha256: sha256(content) }))
    return {
      listing: digestListing(list),
      canonical: canonicalJson(task_entry),
      digest: dataDigest(list, task_entry, sha256),
    }
  },
  triple_f1: ({ gold, predicted }: { gold: string[][][]; predicted: string[][][] }) =>
    tripleF1.compute(gold.map((triples, index) => ({ gold: triples, predicted: predicted[index] ?? null }))).value,
}
