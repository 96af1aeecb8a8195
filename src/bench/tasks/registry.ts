import { ecgBeatClass } from './ecg-beat-class/ecg-beat-class.ts'
import { ecgBeats } from './ecg-beats/ecg-beats.ts'
import type { TaskFamily } from './family.ts'

/** Every kind of task that can be scored. */
export const taskFamilies: readonly TaskFamily[] = [ecgBeats, ecgBeatClass]

export function familyOf(kind: string): TaskFamily | null {
  return taskFamilies.find(({ id }) => id === kind) ?? null
}
