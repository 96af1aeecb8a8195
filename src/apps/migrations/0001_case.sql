create schema apps;
grant usage on schema apps to pilotbase_app;

-- One patient question: what was asked, which release answered, what it found, and what a clinician decided.
-- The release lies in a room of its own and is reached through its door, so it is named by its id and not by a foreign key.
create table apps.case (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint case_project references kernel.project,
  application text not null constraint case_application check (application ~ '^[a-z][a-z0-9-]{0,62}$'),
  state text not null default 'open' constraint case_state check (state in ('open', 'refused', 'answered', 'decided')),
  -- Counts what changed the case: a decision names the revision that it was made on.
  revision int not null default 1 constraint case_revision check (revision > 0),
  release_id uuid not null,
  version_id uuid not null,
  model_label text not null,
  weights_sha256 text not null constraint case_weights check (weights_sha256 ~ '^[0-9a-f]{64}$'),
  stage text not null constraint case_stage check (stage in ('shadow', 'pilot', 'live')),
  is_demo boolean not null,
  -- The recording; and whether any of the data behind the model is.
  is_synthetic boolean not null,
  is_model_synthetic boolean not null,
  -- A code of the site's own, never a patient number.
  subject text constraint case_subject check (subject ~ '^[A-Za-z0-9-]{1,40}$'),
  input jsonb not null,
  input_sha256 text not null constraint case_input check (input_sha256 ~ '^[0-9a-f]{64}$'),
  answer_sha256 text constraint case_answer_form check (answer_sha256 ~ '^[0-9a-f]{64}$'),
  summary jsonb,
  -- The problem's code, its parameters, and its words as they were shown.
  refusal jsonb,
  created_by uuid constraint case_creator references kernel.person,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  refused_at timestamptz,
  decided_at timestamptz,
  constraint case_refused check ((state = 'refused') = (refusal is not null and refused_at is not null)),
  constraint case_answered check ((state in ('answered', 'decided')) = (answer_sha256 is not null and answered_at is not null)),
  constraint case_decided check ((state = 'decided') = (decided_at is not null))
);
create index case_page_idx on apps.case (project_id, application, created_at, id);
create index case_state_idx on apps.case (project_id, application, state, created_at, id);
create index case_creator_idx on apps.case (created_by);

create table apps.finding (
  id uuid primary key default gen_random_uuid(),
  case_id uuid not null constraint finding_case references apps.case,
  project_id uuid not null constraint finding_project references kernel.project,
  rank int not null constraint finding_rank check (rank > 0),
  origin text not null constraint finding_origin check (origin in ('application', 'clinician')),
  code text not null,
  severity text not null constraint finding_severity check (severity in ('critical', 'urgent', 'attention', 'note', 'normal')),
  sureness text not null constraint finding_sureness check (sureness in ('high', 'moderate', 'low', 'stated')),
  confidence double precision constraint finding_confidence check (confidence between 0 and 1),
  words jsonb not null,
  measures jsonb not null,
  pointers jsonb not null,
  state text not null default 'proposed' constraint finding_state check (state in ('proposed', 'accepted', 'edited', 'rejected')),
  edit jsonb,
  constraint finding_rank_once unique (case_id, rank),
  constraint finding_edited check ((state = 'edited') = (edit is not null))
);
create index finding_project_idx on apps.finding (project_id);

-- Every decision stays: a later one is added beside it, and the latest holds.
create table apps.decision (
  id uuid primary key default gen_random_uuid(),
  case_id uuid not null constraint decision_case references apps.case,
  project_id uuid not null constraint decision_project references kernel.project,
  -- The revision that it was made on: two decisions on the same revision cannot both be kept.
  revision int not null,
  outcome text not null constraint decision_outcome check (outcome in ('accepted', 'corrected', 'rejected')),
  findings jsonb not null,
  corrections jsonb,
  note text not null,
  sha256 text not null constraint decision_digest check (sha256 ~ '^[0-9a-f]{64}$'),
  statement_sha256 text not null constraint decision_statement check (statement_sha256 ~ '^[0-9a-f]{64}$'),
  correction_snapshot_id uuid constraint decision_snapshot references data.snapshot,
  decided_by uuid not null constraint decision_person references kernel.person,
  decided_at timestamptz not null,
  constraint decision_once unique (case_id, revision)
);
create index decision_project_idx on apps.decision (project_id);
create index decision_snapshot_idx on apps.decision (correction_snapshot_id);
create index decision_person_idx on apps.decision (decided_by);

alter table apps.case enable row level security;
create policy system_all on apps.case using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy readers on apps.case for select using (
  project_id = any ((select kernel.actor_projects_as('clinician', 'auditor'))::uuid[]));
create policy clinicians_open on apps.case for insert with check (
  project_id = any ((select kernel.actor_projects_as('clinician'))::uuid[]) and created_by = kernel.actor_user());
create policy clinicians_decide on apps.case for update using (
  project_id = any ((select kernel.actor_projects_as('clinician'))::uuid[]));

alter table apps.finding enable row level security;
create policy system_all on apps.finding using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy readers on apps.finding for select using (
  project_id = any ((select kernel.actor_projects_as('clinician', 'auditor'))::uuid[]));
-- What the application found is written by the base alone; a clinician adds only in their own name.
create policy clinicians_add on apps.finding for insert with check (
  project_id = any ((select kernel.actor_projects_as('clinician'))::uuid[]) and origin = 'clinician');
create policy clinicians_decide on apps.finding for update using (
  project_id = any ((select kernel.actor_projects_as('clinician'))::uuid[]));

alter table apps.decision enable row level security;
create policy readers on apps.decision for select using (
  project_id = any ((select kernel.actor_projects_as('clinician', 'auditor'))::uuid[]));
create policy clinicians_decide on apps.decision for insert with check (
  project_id = any ((select kernel.actor_projects_as('clinician'))::uuid[]) and decided_by = kernel.actor_user());

grant select, insert on apps.case, apps.finding, apps.decision to pilotbase_app;
grant update (state, revision, answer_sha256, summary, refusal, answered_at, refused_at, decided_at) on apps.case to pilotbase_app;
grant update (state, edit) on apps.finding to pilotbase_app;
