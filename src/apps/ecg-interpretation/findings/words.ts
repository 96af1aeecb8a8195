/** The dictionary: every finding in both languages, when it is stated, and where the rule comes from. Pure. */

export interface DictionaryEntry {
  readonly en: string
  readonly zh: string
  readonly rule: string
  readonly source: string
}

const bradycardia =
  'Kusumoto et al., 2018 ACC/AHA/HRS bradycardia guideline, Circulation 140:e382: sinus bradycardia below 50/min; 60/min is the usual lower limit of normal'
const ventricular =
  'Al-Khatib et al., 2017 AHA/ACC/HRS ventricular arrhythmia guideline, Circulation 138:e272: 3 beats or more above 100/min; sustained from 30 s'

export const dictionary = {
  'ventricular-run-sustained': {
    en: 'Wide-beat run of 30 s or more: suspect sustained ventricular tachycardia',
    zh: '室性连续搏动达 30 秒或以上：疑似持续性室性心动过速',
    rule: '3 or more V beats in a row, above 100/min, lasting 30 s or more',
    source: ventricular,
  },
  'ventricular-run': {
    en: 'Run of ventricular beats: suspect non-sustained ventricular tachycardia',
    zh: '连续室性搏动：疑似非持续性室性心动过速',
    rule: '3 or more V beats in a row, above 100/min, shorter than 30 s',
    source: ventricular,
  },
  'pause-long': {
    en: 'Pause longer than 3 s',
    zh: '长间歇超过 3 秒',
    rule: 'RR above 3 s; between the beats the signal is readable and, in a lead that was read, nowhere half as steep as a usual beat',
    source: `${bradycardia}; sinus pause above 3 s; Steinberg et al., 2017 ISHNE-HRS, Heart Rhythm 14:e55`,
  },
  'tachycardia-marked': {
    en: 'Heart rate of 150/min or more',
    zh: '心率达 150 次/分或以上',
    rule: 'mean ventricular rate of 150/min or more',
    source: '2020 AHA guidelines for CPR, adult tachycardia with a pulse: rate typically 150/min or more',
  },
  'bradycardia-marked': {
    en: 'Heart rate below 40/min',
    zh: '心率低于 40 次/分',
    rule: 'mean ventricular rate below 40/min',
    source: `${bradycardia}; 40/min as the step to urgent is our own`,
  },
  'irregular-suggests-af': {
    en: 'Irregularly irregular rhythm of 30 s or more: suspect atrial fibrillation',
    zh: '节律绝对不齐达 30 秒或以上：疑似心房颤动',
    rule: 'windows of 30 s between supraventricular beats with nRMSSD of 0.1 or more, COSEn above -1.4, turning points as in a random order, and half of the RR differences above 5 %. P waves are not assessed',
    source:
      'Dash et al., Ann Biomed Eng 37:1701 (2009); Lake and Moorman, AJP Heart 300:H319 (2011); 30 s: Hindricks et al., ESC 2020, Eur Heart J 42:373; the share of differences is our own guard',
  },
  'irregular-rhythm': {
    en: 'Irregular rhythm, too short to say which',
    zh: '节律不齐，记录过短，无法定性',
    rule: 'the same irregularity in less than 30 s of signal',
    source: 'as for irregular-suggests-af; shorter than the 30 s that ESC 2020 asks for',
  },
  'supraventricular-run-long': {
    en: 'Run of early supraventricular beats of 30 s or more: suspect supraventricular tachycardia',
    zh: '连续室上性早搏达 30 秒或以上：疑似室上性心动过速',
    rule: '3 or more S beats in a row, above 100/min, lasting 30 s or more',
    source: 'Page et al., 2015 ACC/AHA/HRS, Circulation 133:e506: rate above 100/min at rest; sustained from 30 s',
  },
  'supraventricular-run': {
    en: 'Run of early supraventricular beats',
    zh: '连续室上性早搏',
    rule: '3 or more S beats in a row, above 100/min, shorter than 30 s',
    source: 'Page et al., 2015 ACC/AHA/HRS, Circulation 133:e506',
  },
  tachycardia: {
    en: 'Heart rate above 100/min',
    zh: '心率高于 100 次/分',
    rule: 'mean ventricular rate above 100/min and below 150/min',
    source: 'Page et al., 2015 ACC/AHA/HRS, Circulation 133:e506: above 100/min',
  },
  bradycardia: {
    en: 'Heart rate below 60/min',
    zh: '心率低于 60 次/分',
    rule: 'mean ventricular rate below 60/min: attention below 50/min, a note from 50/min',
    source: bradycardia,
  },
  pause: {
    en: 'Pause of 2 to 3 s',
    zh: '2 至 3 秒长间歇',
    rule: 'RR above 2 s up to 3 s; between the beats the signal is silent as for pause-long',
    source:
      'Steinberg et al., 2017 ISHNE-HRS consensus on ambulatory ECG, Heart Rhythm 14:e55: longest RR is reported; 2 s is the usual reporting limit',
  },
  'gap-unclear': {
    en: 'Gap between beats that is not silent: a missed beat or noise',
    zh: '心搏间隔内有可疑波形：可能为漏检心搏或噪声',
    rule: 'RR above 2 s in which every lead that was read is at least half as steep as at a usual beat',
    source: 'our own check, so that noise is not called a pause',
  },
  'ventricular-slow-run': {
    en: 'Run of ventricular beats at 100/min or less',
    zh: '连续室性搏动，频率不超过 100 次/分',
    rule: '3 or more V beats in a row at 100/min or less',
    source: `${ventricular}; slower is no tachycardia`,
  },
  'ventricular-couplet': {
    en: 'Pairs of ventricular beats',
    zh: '成对室性早搏',
    rule: 'two V beats in a row',
    source: 'Lown and Wolf, Circulation 44:130 (1971), grade 4a',
  },
  'ventricular-bigeminy': {
    en: 'Ventricular bigeminy',
    zh: '室性早搏二联律',
    rule: 'every second beat V, three times in a row or more',
    source: 'usual definition; three in a row as the least is our own',
  },
  'ventricular-trigeminy': {
    en: 'Ventricular trigeminy',
    zh: '室性早搏三联律',
    rule: 'every third beat V, three times in a row or more',
    source: 'usual definition; three in a row as the least is our own',
  },
  'ventricular-frequent': {
    en: 'Frequent ventricular premature beats',
    zh: '频发室性早搏',
    rule: '10 % of all beats or more (3 beats at least), or more than 30 an hour in an hour or more of signal',
    source:
      'Zeppenfeld et al., ESC 2022, Eur Heart J 43:3997: burden above 10 %; Lown and Wolf 1971, grade 2: above 30 an hour',
  },
  'ventricular-isolated': {
    en: 'Single ventricular premature beats',
    zh: '偶发室性早搏',
    rule: 'V beats, fewer than frequent',
    source: 'what the thresholds of frequent leave',
  },
  'supraventricular-frequent': {
    en: 'Frequent supraventricular premature beats',
    zh: '频发室上性早搏',
    rule: '30 an hour or more in an hour or more of signal, or a run of 20 or more; below an hour 10 % of beats (3 at least)',
    source: 'Binici et al., Circulation 121:1904 (2010): 30 an hour or a run of 20; the share below an hour is our own',
  },
  'supraventricular-isolated': {
    en: 'Single supraventricular premature beats',
    zh: '偶发室上性早搏',
    rule: 'S beats, fewer than frequent',
    source: 'what the thresholds of frequent leave',
  },
  'paced-or-unclassified': {
    en: 'Paced or unclassifiable beats',
    zh: '起搏或无法分类的心搏',
    rule: '5 % of beats or more are of class Q',
    source: 'AAMI EC57 class Q; statements on rhythm do not hold for paced rhythm',
  },
  'poor-signal': {
    en: 'Parts of the signal cannot be read and were left out',
    zh: '部分信号无法判读，已排除在分析之外',
    rule: 'pieces of 10 s below the model’s threshold of readability; beats and intervals in them are not used',
    source: 'the released model’s scope rule',
  },
  'too-few-beats': {
    en: 'Too few beats for a statement on rhythm',
    zh: '心搏过少，无法判断节律',
    rule: 'fewer than 8 usable RR intervals',
    source: 'rate over 8 intervals, as the model’s own rate',
  },
  'varying-rhythm': {
    en: 'Normal rate; the rhythm varies with a pattern, as with breathing',
    zh: '心率正常；节律呈规律性变化，如呼吸性变化',
    rule: 'half of the RR differences or more above 5 % of the median, and not irregular without a pattern; else as regular-rhythm',
    source: 'our own threshold; P waves are not assessed',
  },
  'regular-rhythm': {
    en: 'Regular rhythm at a normal rate, as in sinus rhythm',
    zh: '节律规整、心率正常，符合窦性心律表现',
    rule: '60 to 100/min, not irregular, 90 % of beats N, and no other finding on rhythm. P waves are not assessed, so that the sinus node as origin is not confirmed',
    source: bradycardia,
  },
} as const satisfies Record<string, DictionaryEntry>

export type FindingCode = keyof typeof dictionary

/** What a reader must not take silence for. */
export const limits = {
  en: [
    'Decision support: a clinician reads the recording and decides.',
    'Beats and RR intervals only: P waves, PR, QRS and QT intervals, axis, ST segment and ischaemia are not assessed.',
    'Conduction blocks, pacemaker function, ventricular fibrillation and flutter are not detected.',
    'A beat that the model misses looks like a pause, and noise may look like an early beat: check the strip.',
  ],
  zh: [
    '仅供决策参考：须由临床医生判读原始记录并作出决定。',
    '仅分析心搏与 RR 间期：未评估 P 波、PR/QRS/QT 间期、电轴、ST 段及缺血。',
    '不检测传导阻滞、起搏器功能、心室颤动与扑动。',
    '漏检的心搏会表现为长间歇，噪声可能被误认为早搏：请核对心电条图。',
  ],
} as const
