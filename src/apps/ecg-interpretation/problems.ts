import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'apps.ecg-record-missing': {
    status: 422,
    retry: false,
    en: {
      title: 'The snapshot has no recording {record}',
      fix: 'Name a WFDB record without its ending, or an EDF file, as the snapshot’s list of files has it',
    },
    zh: { title: '快照中没有记录 {record}', fix: '请按快照文件列表填写 WFDB 记录名（不含扩展名）或 EDF 文件名' },
  },
  'apps.ecg-recording-large': {
    status: 413,
    retry: false,
    en: {
      title: 'The recording has {sizeBytes} bytes, more than {limitBytes}',
      fix: 'Cut the recording into parts and open a case for each',
    },
    zh: { title: '记录大小为 {sizeBytes} 字节，超过 {limitBytes} 字节', fix: '请将记录分段，并分别建立病例' },
  },
  'apps.ecg-upload': {
    status: 422,
    retry: false,
    en: {
      title: 'The upload is not one recording: {reason}',
      fix: 'Send the .hea and .dat files of one WFDB record, or one EDF file, as multipart/form-data',
    },
    zh: {
      title: '上传内容不是一份完整记录：{reason}',
      fix: '请以 multipart/form-data 上传同一 WFDB 记录的 .hea 与 .dat 文件，或一个 EDF 文件',
    },
  },
  'apps.ecg-no-voltage': {
    status: 422,
    retry: false,
    en: {
      title: 'No lead of the recording is a voltage, so it is not an electrocardiogram',
      fix: 'Send a recording with at least one lead in mV or µV',
    },
    zh: { title: '记录中没有电压信号导联，不是心电图', fix: '请提供至少含一个以 mV 或 µV 为单位的导联的记录' },
  },
  'apps.ecg-answer-shape': {
    status: 502,
    retry: false,
    en: {
      title: 'The released model’s answer is not one that this application reads: {issue}',
      fix: 'Release a version whose answers have the shape pilotbase.ecg/1',
    },
    zh: { title: '已发布模型的结果格式无法识别：{issue}', fix: '请发布结果格式为 pilotbase.ecg/1 的版本' },
  },
  'apps.ecg-window': {
    status: 422,
    retry: false,
    en: { title: 'The window {startS} to {endS} s lies outside the recording of {durationS} s', fix: 'Ask within it' },
    zh: { title: '时间窗 {startS} 至 {endS} 秒超出记录范围（共 {durationS} 秒）', fix: '请在记录范围内选取' },
  },
  'apps.ecg-beat-unknown': {
    status: 422,
    retry: false,
    en: {
      title: 'There is no beat at sample {sample} to be changed',
      fix: 'Name beats by their sample in the answer, each at most once',
    },
    zh: { title: '样本 {sample} 处没有可更改的心搏', fix: '请按结果中的样本序号指明心搏，且每个仅一次' },
  },
  'apps.ecg-beat-place': {
    status: 422,
    retry: false,
    en: {
      title: 'A beat cannot be added at sample {sample}',
      fix: 'Choose a sample inside the recording that has no beat yet',
    },
    zh: { title: '无法在样本 {sample} 处添加心搏', fix: '请选择记录范围内且尚无心搏的位置' },
  },
})
