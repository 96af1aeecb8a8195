import {
  figures,
  meanAveragePrecision,
  mrrAtK,
  ndcgAtK,
  queryFigure,
  type RankedQuery,
  retrievalRecallAtK,
} from '../retrieval/ranked.ts'
import type { Runners } from './runner.ts'

interface Run {
  readonly qrel: Record<string, Record<string, number>>
  readonly run: Record<string, Record<string, number>>
}

const queries = ({ qrel, run }: Run): [string, RankedQuery][] =>
  Object.entries(qrel).map(([topic, judged]) => [topic, { judged, found: Object.entries(run[topic] ?? {}) }])

const named = {
  map: figures.map(),
  recip_rank: figures.mrr(1000),
  P_3: figures.precision(3),
  P_5: figures.precision(5),
  recall_3: figures.recall(3),
  recall_5: figures.recall(5),
  recall_10: figures.recall(10),
  ndcg: figures.ndcg(1000),
  ndcg_cut_3: figures.ndcg(3),
  ndcg_cut_5: figures.ndcg(5),
  ndcg_cut_10: figures.ndcg(10),
}

export const retrieval: Runners = {
  trec_eval: (input: Run) =>
    Object.fromEntries(
      queries(input).map(([topic, query]) => [
        topic,
        Object.fromEntries(Object.entries(named).map(([name, figure]) => [name, queryFigure(query, figure)])),
      ]),
    ),
  trec_eval_mean: (input: Run) => {
    const list = queries(input).map(([, query]) => query)
    return {
      map: meanAveragePrecision.compute(list).value,
      recip_rank: mrrAtK(1000).compute(list).value,
      recall_5: retrievalRecallAtK(5).compute(list).value,
      recall_10: retrievalRecallAtK(10).compute(list).value,
      ndcg_cut_5: ndcgAtK(5).compute(list).value,
      ndcg_cut_10: ndcgAtK(10).compute(list).value,
    }
  },
}
