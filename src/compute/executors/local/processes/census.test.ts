import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Census } from './census.ts'
import type { ProcessRow, ProcessTable } from './process-table.ts'

/** A process table that the test writes: pid, parent, session, user, mark. */
type Line = [pid: number, ppid: number, session: number, uid: number, mark: string | null]

function tableOf(lines: { now: Line[] }): ProcessTable {
  const line = (pid: number): Line | undefined => lines.now.find((each) => each[0] === pid)
  return {
    list: () =>
      lines.now.map(
        ([pid, ppid, session]): ProcessRow => ({
          pid,
          ppid,
          session,
          threads: 1,
          rssBytes: 1,
          cpuSeconds: 0,
          born: `${pid}`,
        }),
      ),
    userOf: (pid) => line(pid)?.[3] ?? null,
    attemptOf: (pid) => line(pid)?.[4] ?? null,
    tasksByUser: () => new Map(),
    born: (pid) => (line(pid) ? String(pid) : null),
    bootId: () => 'boot',
  }
}

const pidsOf = (members: Map<string, ProcessRow[]>, attemptId: string): number[] =>
  (members.get(attemptId) ?? []).map((row) => row.pid).sort((a, b) => a - b)

test('with a user id an attempt is what runs as it, whatever its parents, sessions and marks say', () => {
  const lines: { now: Line[] } = {
    now: [
      [1, 0, 1, 0, 'a'],
      [10, 1, 10, 501, 'a'],
      [11, 10, 10, 502, 'a'],
      [12, 1, 12, 501, null],
    ],
  }
  const members = new Census(tableOf(lines)).take([
    { attemptId: 'a', uid: 501, supervisorPid: 10 },
    { attemptId: 'b', uid: 502, supervisorPid: null },
  ])
  assert.deepEqual([pidsOf(members, 'a'), pidsOf(members, 'b')], [[10, 12], [11]])
})

test('without one it is its mark, its session and their descendants, and nobody else', () => {
  const lines: { now: Line[] } = {
    now: [
      [1, 0, 1, 0, null],
      [10, 1, 10, 501, 'a'],
      [11, 10, 11, 501, null], // left the session and shed the mark, but is a child
      [12, 11, 12, 501, null],
      [13, 1, 10, 501, null], // shed the mark and the parent, but is in the session
      [14, 1, 14, 501, 'a'],
      [20, 1, 20, 501, 'b'],
      [30, 1, 30, 501, null],
    ],
  }
  const census = new Census(tableOf(lines))
  const sought = [{ attemptId: 'a', uid: null, supervisorPid: 10 }]
  assert.deepEqual(pidsOf(census.take(sought), 'a'), [10, 11, 12, 13, 14])
  // the supervisor and all parents go: what was seen once stays known
  lines.now = [
    [1, 0, 1, 0, null],
    [12, 1, 12, 501, null],
    [30, 1, 30, 501, null],
  ]
  assert.deepEqual(pidsOf(census.take([{ attemptId: 'a', uid: null, supervisorPid: null }]), 'a'), [12])
})

test('a process seen in the midst of being executed is recognised at the next look', () => {
  const lines: { now: Line[] } = { now: [[14, 1, 14, 501, null]] }
  const census = new Census(tableOf(lines))
  const sought = [{ attemptId: 'a', uid: null, supervisorPid: null }]
  assert.deepEqual(pidsOf(census.take(sought), 'a'), [])
  lines.now = [[14, 1, 14, 501, 'a']]
  assert.deepEqual(pidsOf(census.take(sought), 'a'), [14])
})
