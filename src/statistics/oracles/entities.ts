import {
  multilabelF1Macro,
  multilabelF1Micro,
  multilabelF1Samples,
  multilabelF1Weighted,
  subsetAccuracy,
} from '../classification/multilabel.ts'
import { relationMacroF1, relationMicroF1 } from '../entities/relations.ts'
import { setOverlap } from '../entities/sets.ts'
import { type Span, spanF1, spanReport } from '../entities/spans.ts'
import { spansOfTags, spansOfTagsStrict } from '../entities/tags.ts'
import { answerScore } from '../text/answers.ts'
import type { Runners } from './runner.ts'

interface Sets {
  readonly gold: string[][]
  readonly predicted: string[][]
  readonly labels: string[]
}
interface Labels {
  readonly gold: string[]
  readonly predicted: string[]
  readonly labels: string[]
}

const sets = ({ gold, predicted }: Sets) =>
  gold.map((labels, index) => ({ gold: labels, predicted: predicted[index] ?? null }))
const pairs = ({ gold, predicted }: Labels) =>
  gold.map((label, index) => ({ gold: label, predicted: predicted[index] ?? null }))

export const entitiesRelationsLabels: Runners = {
  decode: ({ tags }: { tags: string[] }) => ({ lenient: spansOfTags(tags), strict_iob2: spansOfTagsStrict(tags) }),
  entity_f1: ({ gold, predicted }: Omit<Sets, 'labels'>, _file, { name }) => {
    const decode = name.startsWith('strict') ? spansOfTagsStrict : spansOfTags
    const documents = gold.map((tags, index) => ({ gold: decode(tags), predicted: decode(predicted[index] ?? []) }))
    const { precision, recall, f1, f1Macro } = spanReport(documents)
    return { precision, recall, f1, f1_macro: f1Macro }
  },
  span_f1: ({ gold, predicted }: { gold: Span[][]; predicted: Span[][] }) => {
    const documents = gold.map((spans, index) => ({ gold: spans, predicted: predicted[index] ?? [] }))
    const { hits, f1: _, ...report } = spanReport(documents)
    return { ...report, tp: hits, f1: spanF1.compute(documents).value }
  },
  relation_micro_f1: (input: Labels) => relationMicroF1(input.labels).compute(pairs(input)).value,
  relation_macro_f1: (input: Labels) => relationMacroF1(input.labels).compute(pairs(input)).value,
  multilabel_f1_micro: (input: Sets) => multilabelF1Micro(input.labels).compute(sets(input)).value,
  multilabel_f1_macro: (input: Sets) => multilabelF1Macro(input.labels).compute(sets(input)).value,
  multilabel_f1_weighted: (input: Sets) => multilabelF1Weighted(input.labels).compute(sets(input)).value,
  multilabel_f1_samples: (input: Sets) => multilabelF1Samples.compute(sets(input)).value,
  subset_accuracy: (input: Sets) => subsetAccuracy.compute(sets(input)).value,
  set_overlap: ({ gold, predicted }: Labels) => setOverlap(gold, predicted),
  answer_f1: ({ gold, predicted }: { gold: string[]; predicted: string }) => answerScore(gold, predicted),
}
