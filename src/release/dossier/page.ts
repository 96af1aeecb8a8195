import { saidAs, type Verified } from '../gate/statements.ts'
import { kindWords, stageWords, textIn } from '../gate/words.ts'
import type { Story } from './collect.ts'
import { failuresSection } from './failures.ts'
import { figuresSection } from './figures.ts'
import { type Html, html, trusted } from './html.ts'
import { minuteOf } from '../gate/instant.ts'
import { type Language, pageWords, type PageWords } from './page-words.ts'
import { style } from './style.ts'

/** The dossier as one page that stands alone: no script, no link out of it, its style inside. */
export function dossierPage(story: Story, language: Language): string {
  const words = pageWords[language]
  const { model, label } = story.version
  const page = html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${model} ${label} – ${words.eyebrow}</title><style>${trusted(style)}</style></head>
<body><main>
<header><div class="eyebrow">${words.eyebrow}</div><h1>${model} ${label}</h1>
<div class="soft">${words.project}: ${story.project.title} (${story.project.slug}) · ${words.made}: ${minuteOf(story.madeAt)} UTC</div></header>
${marks(story, words)}
${whatItIs(story, words)}
${releases(story, words, language)}
${happened(story, words, language)}
${figuresSection(story.statements, story.version.weightsDigest, words)}
${failuresSection(story, words, language)}
${gates(story.statements, words, language)}
${approvals(story.statements, words, language)}
${decisions(story.statements, words)}
${statementTable(story, words, language)}
<h2>${words.verify}</h2><p>${words.verifyFile}</p><pre><code>pilotbase evidence verify dossier.json --keys keys.json</code></pre><p>${words.verifyNote}</p>
<footer>${words.footer}</footer>
</main></body></html>
`
  return page.markup
}

function marks({ version, refused, missing }: Story, words: PageWords): Html[] {
  return [
    ...(version.isDemo ? [html`<p class="warning"><strong>${words.demo}.</strong> ${words.demoNote}</p>`] : []),
    ...(version.isSynthetic
      ? [html`<p class="warning"><strong>${words.synthetic}.</strong> ${words.syntheticNote}</p>`]
      : []),
    ...(refused.length > 0 ? [html`<p class="alarm">${words.unverified} (${refused.length})</p>`] : []),
    ...(missing.length > 0 ? [html`<p class="alarm">${words.missing} (${missing.length})</p>`] : []),
  ]
}

function whatItIs({ version, statements }: Story, words: PageWords): Html {
  const snapshots = statements.flatMap((one) => {
    const said = saidAs(one, 'snapshot')
    if (said === null) return []
    const sources = said.sources.map((source) => `${source.name} (${source.licence})`)
    const mark = said.synthetic ? ` – ${words.synthetic}` : ''
    return [html`<div>${one.statement.subject[0]?.name ?? ''}: ${sources.join('; ')}${mark}</div>`]
  })
  const training = statements.flatMap((one) => {
    const said = saidAs(one, 'training')
    return said === null
      ? []
      : [html`<div>${said.by.name}, ${minuteOf(said.at)} UTC – <code>${said.command.join(' ')}</code></div>`]
  })
  return html`<h2>${words.whatItIs}</h2><dl><dt>${words.model}</dt><dd>${version.model}</dd><dt>${words.version}</dt><dd>${version.label}</dd><dt>${words.weights}</dt><dd><code>${version.weightsDigest}</code></dd><dt>${words.data}</dt><dd>${snapshots.length > 0 ? snapshots : '–'}</dd><dt>${words.trainedBy}</dt><dd>${training.length > 0 ? training : '–'}</dd></dl><p class="soft">${words.support}</p>`
}

function releases(story: Story, words: PageWords, language: Language): Html {
  if (story.releases.length === 0) return html`<h2>${words.releases}</h2><p>${words.noReleases}</p>`
  const rows = story.releases.map(
    (one) =>
      html`<tr><td><span class="mark ${one.state === 'live' ? 'good' : one.state === 'withdrawn' ? 'bad' : 'wait'}">${stageText(one.state, language)}</span></td><td>${one.purpose}</td><td>${one.site}</td><td>${one.scope}</td><td class="number">${one.policyVersion}</td></tr>`,
  )
  return html`<h2>${words.releases}</h2><div class="wide"><table><thead><tr><th>${words.state}</th><th>${words.purpose}</th><th>${words.site}</th><th>${words.scope}</th><th class="number">${words.policy}</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

/** What people did, in order; clinicians' decisions are counted apart, they would be thousands. */
function happened({ statements }: Story, words: PageWords, language: Language): Html {
  const rows = statements
    .filter((one) => one.kind !== 'decision')
    .map((one) => {
      const { by, at } = one.statement.predicate
      const moved = saidAs(one, 'release') ?? saidAs(one, 'approval') ?? saidAs(one, 'gate')
      const to = moved === null ? '' : ` → ${stageText(moved.to, language)}`
      const decision = saidAs(one, 'approval')?.decision
      const outcome = decision === undefined ? '' : ` ${words[decision]}`
      const reason =
        saidAs(one, 'release')?.reason ?? saidAs(one, 'approval')?.reason ?? saidAs(one, 'evaluation-plan')?.purpose
      return html`<tr><td class="when">${minuteOf(at)}</td><td>${by.name}</td><td>${kindWords[one.kind][language]}${to}${outcome}</td><td>${reason ?? ''}</td></tr>`
    })
  return html`<h2>${words.happened}</h2><div class="wide"><table><thead><tr><th>${words.when}</th><th>${words.who}</th><th>${words.what}</th><th>${words.reason}</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function gates(statements: readonly Verified[], words: PageWords, language: Language): Html | null {
  const parts = statements.flatMap((one) => {
    const said = saidAs(one, 'gate')
    if (said === null) return []
    const rows = said.checks.map(
      (check) =>
        html`<tr><td>${textIn(check.title, language)}</td><td>${textIn(check.required, language)}</td><td>${check.observed === null ? '–' : textIn(check.observed, language)}</td><td><span class="${check.outcome === 'pass' ? 'good' : 'bad'}">${words[check.outcome]}</span></td></tr>`,
    )
    const from = said.from === null ? '' : `${stageText(said.from, language)} `
    return [
      html`<h3>${from}→ ${stageText(said.to, language)} <span class="soft">${minuteOf(said.at)} UTC, ${words.policy} ${said.gate.version}</span></h3><div class="wide"><table><thead><tr><th>${words.check}</th><th>${words.required}</th><th>${words.observed}</th><th>${words.verdict}</th></tr></thead><tbody>${rows}</tbody></table></div>`,
    ]
  })
  return parts.length === 0 ? null : html`<h2>${words.gates}</h2>${parts}`
}

function approvals(statements: readonly Verified[], words: PageWords, language: Language): Html {
  const rows = statements.flatMap((one) => {
    const said = saidAs(one, 'approval')
    if (said === null) return []
    const className = said.decision === 'approved' ? 'good' : 'bad'
    return [
      html`<tr><td class="when">${minuteOf(said.at)}</td><td>${said.by.name}</td><td>${said.by.organisation ?? '–'}</td><td>${stageText(said.to, language)}</td><td><span class="${className}">${words[said.decision]}</span></td><td>${said.reason}</td><td>${said.conditions.length === 0 ? '–' : said.conditions.join('; ')}</td></tr>`,
    ]
  })
  if (rows.length === 0) return html`<h2>${words.approvals}</h2><p>${words.noApprovals}</p>`
  return html`<h2>${words.approvals}</h2><div class="wide"><table><thead><tr><th>${words.when}</th><th>${words.who}</th><th>${words.party}</th><th>${words.stage}</th><th>${words.decision}</th><th>${words.reason}</th><th>${words.conditions}</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function decisions(statements: readonly Verified[], words: PageWords): Html {
  const made = statements.flatMap((one) => saidAs(one, 'decision') ?? [])
  if (made.length === 0) return html`<h2>${words.decisions}</h2><p>${words.noDecisions}</p>`
  const counted = (['accepted', 'corrected', 'rejected'] as const).map(
    (kind) =>
      html`<dt>${words[kind]}</dt><dd>${made.filter((one) => one.decision === kind).length} / ${made.length}</dd>`,
  )
  return html`<h2>${words.decisions}</h2><dl>${counted}</dl>`
}

function statementTable({ statements, refused }: Story, words: PageWords, language: Language): Html {
  const rows = statements.map(
    (one) =>
      html`<tr><td>${kindWords[one.kind][language]}</td><td class="when">${minuteOf(one.statement.predicate.at)}</td><td>${one.signers.map((signer) => signer.party).join(', ')}</td><td><span class="good">${words.verified}</span></td><td><code>${one.digest}</code></td></tr>`,
  )
  const broken = refused.map(
    (one) =>
      html`<tr><td>–</td><td>–</td><td>–</td><td><span class="bad">${words.broken}</span> ${one.title[language]}</td><td><code>${one.digest}</code></td></tr>`,
  )
  return html`<h2>${words.statements}</h2><p class="soft">${words.statementsNote}</p><div class="wide"><table><thead><tr><th>${words.kind}</th><th>${words.when}</th><th>${words.signedBy}</th><th>${words.status}</th><th>${words.digest}</th></tr></thead><tbody>${rows}${broken}</tbody></table></div>`
}

function stageText(stage: string, language: Language): string {
  return stageWords[stage]?.[language] ?? stage
}
