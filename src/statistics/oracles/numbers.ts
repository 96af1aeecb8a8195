import { accuracyOf, confusion, kappaOf } from '../classification/confusion.ts'
import { scored } from '../classification/ranking.ts'
import { censoredBrier, integratedBrier } from '../numbers/brier-score.ts'
import { agreementLimits, ccc, kendall, mae, medianAe, pearson, r2, rmse, spearman } from '../numbers/regression.ts'
import { aurocPessimistic, bedroc, enrichment, rie } from '../numbers/screening.ts'
import { censoringSurvival, concordance, type Followed, kaplanMeier } from '../numbers/survival.ts'
import { transferRate } from '../numbers/transfer-rate.ts'
import type { Runners } from './runner.ts'

interface Numbers {
  readonly gold: number[]
  readonly predicted: number[]
}
interface Times {
  readonly time: number[]
  readonly event: number[]
}

const pairs = ({ gold, predicted }: Numbers) =>
  gold.map((value, index) => ({ gold: value, predicted: predicted[index] ?? Number.NaN }))
const followed = ({ time, event }: Times): Followed[] =>
  time.map((at, index) => ({ time: at, event: event[index] === 1 }))

export const regression: Runners = {
  regression: (input: Numbers) => {
    const list = pairs(input)
    const { meanError, sdError, limits } = agreementLimits(list)
    return {
      mae: mae.compute(list).value,
      rmse: rmse.compute(list).value,
      median_ae: medianAe.compute(list).value,
      r2: r2.compute(list).value,
      pearson: pearson.compute(list).value,
      spearman: spearman.compute(list).value,
      kendall_tau_b: kendall.compute(list).value,
      ccc: ccc.compute(list).value,
      mean_error: meanError,
      sd_error: sdError,
      limits_of_agreement: limits,
    }
  },
  spearman: (input: Numbers) => spearman.compute(pairs(input)).value,
}

export const survival: Runners = {
  c_index: ({ risk, ...times }: Times & { risk: number[] }) => {
    const items = followed(times).map((item, index) => ({ ...item, risk: risk[index] ?? Number.NaN }))
    const { c, concordant, discordant, tiedRisk, tiedTime } = concordance(items)
    return c === null ? null : { c, concordant, discordant, tied_risk: tiedRisk, tied_time: tiedTime }
  },
  kaplan_meier: (input: Times) => kaplanMeier(followed(input)),
  integrated_brier: (
    input: Times & { train_time: number[]; train_event: number[]; grid: number[]; survival: number[][] },
  ) => {
    const training = followed({ time: input.train_time, event: input.train_event })
    const items = followed(input).map((item, index) => ({ ...item, survival: input.survival[index] ?? [] }))
    return {
      brier: censoredBrier(items, input.grid, censoringSurvival(training)),
      ibs: integratedBrier(training, input.grid).compute(items).value,
    }
  },
}

export const screening: Runners = {
  virtual_screening: ({ score, active }: { score: number[]; active: number[] }) => {
    const items = scored(active, score)
    return {
      ef: { '0.01': enrichment(items, 0.01), '0.05': enrichment(items, 0.05), '0.1': enrichment(items, 0.1) },
      bedroc_20: bedroc(items, 20),
      'bedroc_80.5': bedroc(items, 80.5),
      rie_20: rie(items, 20),
      auroc_pessimistic: aurocPessimistic(items),
    }
  },
}

export const bci: Runners = {
  itr: (input: { classes: number; accuracy: number; seconds_per_decision: number }) => {
    const rate = transferRate(input.classes, input.accuracy, input.seconds_per_decision)
    return { bits_per_decision: rate.bitsPerDecision, bits_per_minute: rate.bitsPerMinute }
  },
  accuracy_kappa: (input: Numbers) => {
    const table = confusion(
      pairs(input).map(({ gold, predicted }) => ({ gold: String(gold), predicted: String(predicted) })),
    )
    return { accuracy: accuracyOf(table), kappa: kappaOf(table) }
  },
}
