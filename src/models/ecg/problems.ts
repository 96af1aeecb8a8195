/** Why the ECG model refuses an input. A refusal carries no score. */
import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'models.ecg-rate': {
    status: 422,
    retry: false,
    en: {
      title: 'The sampling rate of {fs} Hz is outside 100 to 1000 Hz',
      fix: 'Check the rate in the header, or resample the recording to a rate in this range',
    },
    zh: { title: '采样率 {fs} Hz 不在 100 至 1000 Hz 之间', fix: '请核对文件头中的采样率,或先把记录重采样到该范围' },
  },
  'models.ecg-leads': {
    status: 422,
    retry: false,
    en: {
      title: 'The recording has {leads} leads, or leads of different length',
      fix: 'Send 1 to 12 leads that all have the same number of samples',
    },
    zh: { title: '记录有 {leads} 个导联,或各导联长度不一致', fix: '请提供 1 至 12 个样本数相同的导联' },
  },
  'models.ecg-too-short': {
    status: 422,
    retry: false,
    en: { title: 'The recording lasts {seconds} s', fix: 'Send at least 10 s of signal' },
    zh: { title: '记录只有 {seconds} 秒', fix: '请提供至少 10 秒的信号' },
  },
  'models.ecg-too-long': {
    status: 422,
    retry: false,
    en: { title: 'The recording lasts {hours} h', fix: 'Send at most 26 h at a time' },
    zh: { title: '记录长达 {hours} 小时', fix: '每次请提供不超过 26 小时的记录' },
  },
  'models.ecg-flat': {
    status: 422,
    retry: false,
    en: {
      title: 'Every lead is flat: below 0.02 mV from top to bottom',
      fix: 'Check the electrodes and the unit: samples are read as millivolts',
    },
    zh: { title: '所有导联均为平线:峰峰值低于 0.02 mV', fix: '请检查电极连接和单位:样本按毫伏读取' },
  },
  'models.ecg-missing': {
    status: 422,
    retry: false,
    en: { title: '{percent} % of the samples have no value', fix: 'Send a lead with at most 20 % of gaps' },
    zh: { title: '{percent}% 的样本没有数值', fix: '请提供缺失不超过 20% 的导联' },
  },
  'models.ecg-clipped': {
    status: 422,
    retry: false,
    en: {
      title: '{percent} % of the samples are cut off at the end of the recorder’s range',
      fix: 'Record again with a lower gain, or send another lead',
    },
    zh: { title: '{percent}% 的样本超出记录仪量程被截平', fix: '请降低增益重新采集,或改用其他导联' },
  },
  'models.ecg-unit': {
    status: 422,
    retry: false,
    en: {
      title: 'The signal spans {spanMv} mV, which no heart gives at the skin',
      fix: 'Samples must be millivolts: divide microvolts by 1000, or apply the gain of the header',
    },
    zh: {
      title: '信号幅度达 {spanMv} mV,超出体表心电的可能范围',
      fix: '样本必须以毫伏为单位:微伏请除以 1000,或应用文件头中的增益',
    },
  },
  'models.ecg-not-an-ecg': {
    status: 422,
    retry: false,
    en: {
      title: 'No heartbeats can be recognised: this does not look like an electrocardiogram',
      fix: 'Send an electrocardiogram recorded at the body surface, 1 to 12 leads',
    },
    zh: { title: '无法识别心搏:该信号不像心电图', fix: '请提供体表采集的 1 至 12 导联心电图' },
  },
  'models.ecg-noisy': {
    status: 422,
    retry: false,
    en: {
      title: 'Heartbeats can be read in only {percent} % of the recording',
      fix: 'Cut out the readable part (at least 10 s) and send that, or record again with better electrode contact',
    },
    zh: {
      title: '仅有 {percent}% 的记录可以辨认心搏',
      fix: '请截取可读部分(至少 10 秒)后再提交,或改善电极接触后重新采集',
    },
  },
  'models.ecg-beats': {
    status: 422,
    retry: false,
    en: {
      title: 'The given beat positions are not rising sample numbers inside the recording',
      fix: 'Give each beat once, in time order, as a sample number from 0 to the length of the recording',
    },
    zh: {
      title: '给定的心搏位置不是记录范围内递增的样本序号',
      fix: '请按时间顺序给出每个心搏的样本序号(从 0 到记录长度)',
    },
  },
  'models.ecg-weights': {
    status: 503,
    retry: false,
    en: {
      title: 'The file {file} of the ECG model is missing or is not the one its manifest names',
      fix: 'Restore weights/ecg from the release, or train it again with recipes/ecg',
    },
    zh: { title: '心电模型文件 {file} 缺失或与清单不符', fix: '请从发布包恢复 weights/ecg,或用 recipes/ecg 重新训练' },
  },
})
