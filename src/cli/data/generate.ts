import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { numberOf, wholeNumber } from '../base/arguments.ts'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { bytes, show } from '../base/output.ts'

/** `data generate`: a folder of made-up recordings, the same bytes for the same options. */
export async function generateFolder(command: Command, dir: string, options: Record<string, string>): Promise<void> {
  const { nearest } = await import('../../kernel/index.ts')
  const { syntheticDataset, syntheticRhythms } = await import('../../data/index.ts')
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new Stop(words(`${dir} is not empty; name another folder`, `${dir} 不为空，请换一个文件夹`), exit.call)
  const { records = '', seconds = '', seed = '', testShare = '', rhythms } = options
  const known: readonly string[] = syntheticRhythms
  const wanted = rhythms?.split(',').map((one) => one.trim())
  const strange = wanted?.find((one) => !known.includes(one))
  if (strange !== undefined) {
    const close = nearest(strange, known)
    throw new Stop(
      words(`There is no rhythm ${strange}; did you mean ${close}?`, `没有节律 ${strange}，是否想写 ${close}？`),
      exit.call,
    )
  }
  const files = syntheticDataset({
    records: wholeNumber(records, '--records', 1, 9999),
    seconds: numberOf(seconds, '--seconds', 1, 86_400),
    seed: wholeNumber(seed, '--seed', 0, 2 ** 32 - 1),
    testShare: numberOf(testShare, '--test-share', 0, 1),
    ...(wanted === undefined ? {} : { rhythms: syntheticRhythms.filter((one) => wanted.includes(one)) }),
  })
  mkdirSync(dir, { recursive: true })
  let sizeBytes = 0
  for (const [path, content] of files) {
    writeFileSync(join(dir, path), content)
    sizeBytes += content.length
  }
  show(command, { dir, files: files.size, sizeBytes, synthetic: true }, () =>
    words(
      `${dir}: ${files.size} files, ${bytes(sizeBytes)}, all synthetic. Try: pilotbase evaluate ecg ${dir} --task ecg-beats`,
      `${dir}：${files.size} 个文件，${bytes(sizeBytes)}，全部为合成数据。可试：pilotbase evaluate ecg ${dir} --task ecg-beats`,
    ),
  )
}
