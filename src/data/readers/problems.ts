import { catalogue } from '../../kernel/index.ts'

/** What any reader may refuse; each format adds its own rows. */
export const problem = catalogue({
  'data.recording-file-missing': {
    status: 422,
    retry: false,
    en: { title: 'There is no file {file}', fix: 'Send every file of the recording together, under their own names' },
    zh: { title: '缺少文件 {file}', fix: '请把该记录的全部文件按原名一起提供' },
  },
  'data.recording-unsafe-name': {
    status: 422,
    retry: false,
    en: {
      title: 'The file name "{file}" leads out of the folder of the recording',
      fix: 'Use plain names below that folder: no leading "/", no "..", no drive letter',
    },
    zh: {
      title: '文件名“{file}”指向记录所在文件夹之外',
      fix: '请只用该文件夹之内的名称：不要以“/”开头，不要含“..”或盘符',
    },
  },
  'data.recording-format-unknown': {
    status: 415,
    retry: false,
    en: { title: 'No reader knows the format of {file}', fix: 'Send one of: {known}' },
    zh: { title: '没有读取器能识别 {file} 的格式', fix: '请提供以下格式之一：{known}' },
  },
  'data.recording-range': {
    status: 422,
    retry: false,
    en: {
      title: 'Frames {from} to {to} are not a part of the recording, which has {frames}',
      fix: 'Ask for whole numbers with 0 <= from <= to <= {frames}, and chunks of at least 1 frame',
    },
    zh: {
      title: '第 {from} 至 {to} 帧不在记录之内（共 {frames} 帧）',
      fix: '请给出整数范围：0 <= from <= to <= {frames}；分块读取时每块至少 1 帧',
    },
  },
  'data.recording-too-large': {
    status: 413,
    retry: false,
    en: {
      title: '{file}: {samples} samples at once are more than the limit of {limit}',
      fix: 'Read it in chunks, or check the length that its header states',
    },
    zh: {
      title: '{file}：一次读取 {samples} 个采样点，超过上限 {limit}',
      fix: '请分块读取，或检查文件头声明的长度',
    },
  },
})
