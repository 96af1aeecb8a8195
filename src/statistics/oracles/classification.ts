import { calibration } from '../classification/calibration.ts'
import { confusion, labelScores } from '../classification/confusion.ts'
import {
  accuracy,
  balancedAccuracy,
  f1Macro,
  f1Micro,
  f1Weighted,
  kappa,
  kappaLinear,
  kappaQuadratic,
  mcc,
} from '../classification/labels.ts'
import {
  brier,
  brierMulticlass,
  eceMass,
  eceTopLabel,
  eceWidth,
  logLoss,
  logLossBinary,
} from '../classification/probability.ts'
import { atSensitivity, atSpecificity, auprc, auroc, aurocMacro, scored } from '../classification/ranking.ts'
import type { Runners } from './runner.ts'

interface Ranked {
  readonly y: number[]
  readonly score: number[]
}
interface Binary {
  readonly y: number[]
  readonly probability: number[]
  readonly bins: number
}
interface Several {
  readonly y: number[]
  readonly probability: number[][]
  readonly bins: number
}
interface Labels {
  readonly gold: (string | number)[]
  readonly predicted: (string | number)[]
  readonly labels?: (string | number)[]
}

const items = ({ gold, predicted }: Labels) =>
  gold.map((label, index) => ({ gold: String(label), predicted: String(predicted[index]) }))
const names = ({ labels }: Labels) => (labels ?? []).map(String)
const rows = ({ y, probability }: Several) => probability.map((p, index) => ({ gold: y[index] ?? -1, p }))
const binary = ({ y, probability }: Binary) => scored(y, probability)

export const classification: Runners = {
  auroc: ({ y, score }: Ranked) => auroc.compute(scored(y, score)).value,
  auprc: ({ y, score }: Ranked) => auprc.compute(scored(y, score)).value,
  sensitivity_at_specificity: ({ y, score, specificity }: Ranked & { specificity: number }) =>
    atSpecificity(scored(y, score), specificity),
  specificity_at_sensitivity: ({ y, score, sensitivity }: Ranked & { sensitivity: number }) =>
    atSensitivity(scored(y, score), sensitivity),
  auroc_macro_ovr: (input: Several) => {
    const labels = (input.probability[0] ?? []).map((_, index) => String(index))
    const list = rows(input).map(({ gold, p }) => ({ positive: p.map((_, index) => index === gold), score: p }))
    return aurocMacro(labels).compute(list).value
  },
  brier_multiclass: (input: Several) => brierMulticlass.compute(rows(input)).value,
  log_loss: (input: Several | Binary) =>
    Array.isArray(input.probability[0])
      ? logLoss.compute(rows(input as Several)).value
      : logLossBinary.compute(binary(input as Binary)).value,
  brier: (input: Binary) => brier.compute(binary(input)).value,
  f1_macro: (input: Labels) => f1Macro(names(input)).compute(items(input)).value,
  f1_micro: (input: Labels) => f1Micro(names(input)).compute(items(input)).value,
  f1_weighted: (input: Labels) => f1Weighted(names(input)).compute(items(input)).value,
  accuracy: (input: Labels) => accuracy().compute(items(input)).value,
  balanced_accuracy: (input: Labels) => balancedAccuracy().compute(items(input)).value,
  kappa: (input: Labels) => kappa().compute(items(input)).value,
  kappa_linear: (input: Labels) => kappaLinear(names(input)).compute(items(input)).value,
  kappa_quadratic: (input: Labels) => kappaQuadratic(names(input)).compute(items(input)).value,
  mcc: (input: Labels) => mcc().compute(items(input)).value,
  per_label: (input: Labels) => labelScores(confusion(items(input), names(input))),
  ece_width_10: (input: Binary) => eceWidth(10).compute(binary(input)).value,
  ece_width_15: (input: Binary) => eceWidth(15).compute(binary(input)).value,
  ece_mass_10: (input: Binary) => eceMass(10).compute(binary(input)).value,
  ece_width_15_toplabel: (input: Several) => eceTopLabel(15).compute(rows(input)).value,
  calibration_slope: (input: Binary) => {
    const fit = calibration(binary(input))
    return { slope: fit?.slope, intercept: fit?.intercept, in_the_large: fit?.inTheLarge }
  },
}
