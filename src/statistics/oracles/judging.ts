import { passAtK, passHatK, passHatKMean, safety } from '../judging/agents.ts'
import { type Criterion, judgeAgreement, positionBias, rubricScore, type Verdict } from '../judging/judge.ts'
import type { Runners } from './runner.ts'

export const judgesAgents: Runners = {
  agreement: (input: { human: number[]; judge: number[]; second_human: number[]; labels: number[] }) => {
    const graded = input.human.map((human, index) => ({
      human,
      judge: input.judge[index] ?? Number.NaN,
      secondHuman: input.second_human[index] ?? Number.NaN,
    }))
    const { exact, kappa, kappaQuadratic, ceiling, meanBias } = judgeAgreement(graded, input.labels)
    return { exact, kappa, kappa_quadratic: kappaQuadratic, ceiling_kappa_quadratic: ceiling, mean_bias: meanBias }
  },
  position_bias: (input: { verdict_order_1: Verdict[]; verdict_order_2: Verdict[] }) => {
    const runs = input.verdict_order_1.map((verdict, index): [Verdict, Verdict] => [
      verdict,
      input.verdict_order_2[index] ?? 'tie',
    ])
    const { consistent, firstRate } = positionBias(runs)
    return { consistent, first_rate: firstRate }
  },
  rubric: ({ criteria }: { criteria: Criterion[] }) => rubricScore(criteria),
  pass_k: ({ k, ...counts }: { trials: number; successes: number; k: number }) => ({
    pass_hat_k: passHatK(counts, k),
    pass_at_k: passAtK(counts, k),
  }),
  pass_hat_k_mean: ({ trials, k }: { trials: Record<string, number[]>; k: number }) => {
    const tasks = Object.values(trials).map((results) => ({
      trials: results.length,
      successes: results.filter((result) => result === 1).length,
    }))
    return passHatKMean(k).compute(tasks).value
  },
  refusal: ({ expected, given }: { expected: string[]; given: string[] }) => {
    const items = expected.map((wanted, index) => ({
      shouldRefuse: wanted === 'refuse',
      refused: given[index] === 'refuse',
    }))
    const { refusalRecall, overRefusal, balanced } = safety(items)
    return { refusal_recall: refusalRecall, over_refusal: overRefusal, balanced }
  },
}
