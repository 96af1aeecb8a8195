import { catalogue } from '../kernel/index.ts'

export const problem = catalogue({
  'models.label-taken': {
    status: 409,
    retry: false,
    en: {
      title: 'The version {label} is there already, with other weights or another card',
      fix: 'Give the new one a new label',
    },
    zh: { title: '版本 {label} 已存在，但权重或模型卡不同', fix: '请为新版本使用新的版本号' },
  },
  'models.weights-file-missing': {
    status: 422,
    retry: false,
    en: {
      title: 'The weights lack {file}, which their manifest names',
      fix: 'Upload the whole weights folder and register it again',
    },
    zh: { title: '权重缺少清单中列出的 {file}', fix: '请上传完整的权重文件夹后重新登记' },
  },
  'models.weights-file-differs': {
    status: 422,
    retry: false,
    en: {
      title: '{file} is not the file that the manifest of the weights names',
      fix: 'Upload the folder as it left the training, or train again',
    },
    zh: { title: '{file} 与权重清单所列不一致', fix: '请上传训练产出的原始文件夹，或重新训练' },
  },
  'models.manifest-wrong': {
    status: 422,
    retry: false,
    en: {
      title: 'manifest.json of the weights does not say what it must: {issue}',
      fix: 'Write it as recipes/ecg/train.py does, or leave it out for plain ONNX files',
    },
    zh: {
      title: '权重的 manifest.json 内容有误：{issue}',
      fix: '请按 recipes/ecg/train.py 的格式书写；若只是 ONNX 文件，可不提供',
    },
  },
  'models.weights-no-network': {
    status: 422,
    retry: false,
    en: {
      title: 'The snapshot {snapshot} holds no ONNX file',
      fix: 'Register a snapshot that holds the weights folder, with the .onnx files in it',
    },
    zh: { title: '快照 {snapshot} 中没有 ONNX 文件', fix: '请登记包含权重文件夹（含 .onnx 文件）的快照' },
  },
  'models.weights-names-clash': {
    status: 422,
    retry: false,
    en: { title: 'Two networks of the weights would both be called {name}', fix: 'Rename one of the .onnx files' },
    zh: { title: '权重中有两个网络名称同为 {name}', fix: '请重命名其中一个 .onnx 文件' },
  },
  'models.card-missing': {
    status: 422,
    retry: false,
    en: {
      title: 'The weights come without card.json',
      fix: 'Add card.json to the folder, or send the card with the registration',
    },
    zh: { title: '权重没有附带 card.json', fix: '请在文件夹中加入 card.json，或在登记时一并提交模型卡' },
  },
  'models.card-wrong': {
    status: 422,
    retry: false,
    en: { title: 'The model card does not say what it must: {issue}', fix: 'Correct the card and register again' },
    zh: { title: '模型卡内容有误：{issue}', fix: '请更正模型卡后重新登记' },
  },
  'models.endpoint-absent': {
    status: 422,
    retry: false,
    en: {
      title: '{model} {label} answers no recordings: it is of the kind {kind}',
      fix: 'Call its networks by the Open Inference Protocol, or deploy a version of the kind ecg',
    },
    zh: {
      title: '{model} {label} 的类型为 {kind}，不能直接分析记录',
      fix: '请通过 Open Inference Protocol 调用其网络，或部署 ecg 类型的版本',
    },
  },
  'models.deployment-not-ready': {
    status: 503,
    retry: true,
    en: {
      title: 'The deployment {name} is {state} and answers nothing yet',
      fix: 'Wait until it is ready; where it is degraded, read its reason',
    },
    zh: { title: '部署 {name} 当前为 {state}，尚不能应答', fix: '请等待就绪；若为降级状态，请查看原因' },
  },
  'models.recording-type': {
    status: 415,
    retry: false,
    en: {
      title: 'Recordings are not read from {type}',
      fix: 'Send application/json, or the files of one WFDB record as application/vnd.pilotbase.pack',
    },
    zh: {
      title: '不支持从 {type} 读取记录',
      fix: '请发送 application/json，或以 application/vnd.pilotbase.pack 发送一条 WFDB 记录的文件',
    },
  },
  'models.recording-json': {
    status: 400,
    retry: false,
    en: { title: 'The recording is not as the contract says: {issue}', fix: 'Correct it and send it again' },
    zh: { title: '记录不符合接口约定：{issue}', fix: '请更正后重新发送' },
  },
  'models.recording-files': {
    status: 422,
    retry: false,
    en: {
      title: 'The upload holds {count} headers (.hea) at its top',
      fix: 'Send the files of exactly one WFDB record',
    },
    zh: { title: '上传内容的顶层有 {count} 个头文件（.hea）', fix: '请只发送一条 WFDB 记录的文件' },
  },
  'models.recording-no-ecg': {
    status: 422,
    retry: false,
    en: {
      title: 'No signal of the recording is a voltage at its own rate; there are: {signals}',
      fix: 'Send a recording with at least one ECG lead in mV or µV',
    },
    zh: {
      title: '记录中没有以电压为单位的信号，现有：{signals}',
      fix: '请发送至少含一个以 mV 或 µV 为单位的心电导联的记录',
    },
  },
  'models.recording-too-large': {
    status: 413,
    retry: false,
    en: {
      title: 'The recording is larger than {limitBytes} bytes',
      fix: 'Send it as WFDB, which is smaller, or in parts',
    },
    zh: { title: '记录超过 {limitBytes} 字节', fix: '请改用更紧凑的 WFDB 格式，或分段发送' },
  },
  'models.training-job-unfit': {
    status: 422,
    retry: false,
    en: {
      title: 'Job {id} ({state}) is no training that can be stated',
      fix: 'Name a job that succeeded and whose input "data" is a snapshot',
    },
    zh: { title: '作业 {id}（{state}）不能作为训练来源', fix: '请指定已成功、且名为 data 的输入为快照的作业' },
  },
})
