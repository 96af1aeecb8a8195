import type { Command } from 'commander'
import type { Snapshot } from '../../data/contract.ts'
import { connect, pages } from '../base/client.ts'
import { words } from '../base/language.ts'
import { bytes, instant, show, table } from '../base/output.ts'
import { type AddOptions, addFolder } from './add.ts'
import { checkFolder } from './check.ts'
import { described } from './described.ts'
import { generateFolder } from './generate.ts'
import { getSnapshot } from './get.ts'
import { fetchManifest, findSnapshot } from './manifest.ts'

export function dataCommand(program: Command): void {
  const data = program
    .command('data')
    .description('freeze folders into snapshots, check them, fetch them, and make synthetic data')
  addCommand(data)
  readCommands(data)
  data
    .command('check')
    .description('whether a folder still holds what a snapshot says, and which files differ; exit code 1 if any does')
    .argument('<dir>', 'folder of files')
    .argument('<snapshot>', 'id, digest or name; with a digest seen here before no base is asked')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase data check ./ecg 5d0c…\n  pilotbase data check ./ecg night-shift --json',
    )
    .action((dir: string, key: string, _options, command: Command) => checkFolder(command, dir, key))
  data
    .command('get')
    .description('fetch a snapshot’s files into a folder, each verified; files already there are not fetched again')
    .argument('<snapshot>', 'id, digest or name')
    .argument('<dir>', 'folder to write to; made where it is not there')
    .option('--overwrite', 'replace files whose content differs')
    .addHelpText('after', '\nExample:\n  pilotbase data get night-shift ./ecg')
    .action((key: string, dir: string, options: { overwrite?: boolean }, command: Command) =>
      getSnapshot(command, key, dir, options.overwrite === true),
    )
  generateCommand(data)
}

function addCommand(data: Command): void {
  data
    .command('add')
    .description('freeze a folder’s files into a snapshot; only what the base lacks is sent')
    .argument('<dir>', 'folder of files')
    .requiredOption('--name <name>', 'what people will call it')
    .requiredOption('--source <text>', 'where the data come from')
    .requiredOption('--licence <text>', 'under which terms they may be used')
    .option('--synthetic', 'the data are made up, not measured')
    .option('--split <name>', 'all files belong to this split')
    .option('--split-from <file>', 'take the splits from this dataset.json, in the folder or here')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase data add ./mitdb --name mitdb --source "PhysioNet, MIT-BIH Arrhythmia Database" --licence ODC-BY-1.0 --split-from dataset.json\n  pilotbase data add ./made-up --name trial --source "pilotbase data generate" --licence CC0-1.0 --synthetic --split test',
    )
    .action((dir: string, options: AddOptions, command: Command) => addFolder(command, dir, options))
}

function readCommands(data: Command): void {
  data
    .command('list')
    .description('snapshots, newest first')
    .option('--limit <n>', 'how many at most', '50')
    .action(async ({ limit }: { limit: string }, command: Command) => {
      const snapshots: Snapshot[] = []
      const path = './snapshots?limit=200'
      for await (const one of pages<Snapshot>(connect(command), path, 'snapshots', Number(limit))) snapshots.push(one)
      const rows = snapshots.map((one) => [
        one.id,
        one.name,
        String(one.files),
        bytes(one.sizeBytes),
        one.synthetic ? words('synthetic', '合成') : '',
        instant(one.createdAt),
      ])
      show(command, { snapshots }, () => table(['id', 'name', 'files', 'size', '', 'made at'], rows))
    })
  data
    .command('show')
    .description('one snapshot')
    .argument('<snapshot>', 'id, digest or name')
    .option('--files', 'its files with their digests too')
    .action(async (key: string, { files = false }: { files?: boolean }, command: Command) => {
      const base = connect(command)
      const snapshot = await findSnapshot(base, key)
      const listed = files ? (await fetchManifest(() => base, snapshot.digest)).manifest.files : null
      show(command, listed === null ? snapshot : { ...snapshot, listed }, () =>
        [described(snapshot), ...(listed ?? []).map((one) => `${one.sha256}  ${one.split ?? '–'}  ${one.path}`)].join(
          '\n',
        ),
      )
    })
}

function generateCommand(data: Command): void {
  data
    .command('generate')
    .description('make a folder of synthetic ECGs with a dataset.json that evaluate reads; needs no base')
    .argument('<dir>', 'folder to write to; must be empty or not there')
    .option('--records <n>', 'recordings', '20')
    .option('--seconds <n>', 'length of each', '60')
    .option('--seed <n>', 'the same seed gives the same bytes', '1')
    .option('--rhythms <list>', 'sinus, bradycardia, tachycardia, atrial-fibrillation, bigeminy; joined by commas')
    .option('--test-share <share>', 'share of the recordings that is for testing', '0.5')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase data generate ./made-up --records 40 --seconds 120\n  pilotbase evaluate ecg ./made-up --task ecg-beats',
    )
    .action((dir: string, options: Record<string, string>, command: Command) => generateFolder(command, dir, options))
}
