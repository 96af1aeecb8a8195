import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syntheticEcg } from '../../../data/index.ts'
import { answerOf } from '../testing.ts'
import type { EcgBeat } from '../contract.ts'
import { gapsOf } from './gaps.ts'
import { inputOf } from './recording.ts'

const recording = syntheticEcg({ seed: 4, seconds: 20, heartRateBpm: 60 })
const beats: EcgBeat[] = (recording.annotations ?? [])
  .filter(({ symbol }) => symbol === 'N')
  .map(({ sample }) => ({ sample, timeS: sample / recording.fs, class: 'N', confidence: 1 }))
const [fifth, sixth, seventh] = [beats[5]?.sample ?? 0, beats[6]?.sample ?? 0, beats[7]?.sample ?? 0]
const used = (name: string) => ({ name, used: true, missing: 0, clipped: 0, spanMv: 1, verdict: 'good' })
const answer = { ...answerOf([]), fs: recording.fs, beats, leads: [used('II'), used('V1')] }

test('between neighbours the signal is silent, across a beat that was left out it is not', () => {
  const isSilent = gapsOf(inputOf(recording), { ...answer, beats: beats.filter(({ sample }) => sample !== sixth) })
  assert.ok(isSilent(fifth, sixth))
  assert.equal(isSilent(fifth, seventh), false)
})

test('one lead in which a real gap is silent is enough', () => {
  const input = inputOf(recording)
  // a beat cut out of lead II alone, as noise in V1 would leave it
  const quiet = input.leads.map(({ name, samplesMv }, k) => ({
    name,
    samplesMv: k === 0 ? samplesMv.map((value, i) => (i > fifth + 30 && i < seventh - 30 ? 0 : value)) : samplesMv,
  }))
  assert.ok(gapsOf({ ...input, leads: quiet }, answer)(fifth, seventh))
})

test('without beats nothing is usual, and no gap is called silent', () => {
  assert.equal(gapsOf(inputOf(recording), { ...answer, beats: [] })(fifth, seventh), false)
})
