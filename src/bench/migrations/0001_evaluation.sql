create schema bench;
grant usage on schema bench to pilotbase_app;

create table bench.evaluation (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint evaluation_project references kernel.project,
  version_id uuid not null,
  model text not null,
  model_digest text not null,
  snapshot_id uuid not null constraint evaluation_snapshot references data.snapshot,
  task_id text not null,
  split text,
  state text not null default 'planned' constraint evaluation_state check (state in ('planned', 'running', 'paused', 'complete', 'void')),
  plan jsonb not null,
  plan_statement text not null,
  answer jsonb,
  bounds jsonb,
  void_reason text,
  answers_sha256 text,
  statement text,
  created_by uuid constraint evaluation_creator references kernel.person,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- A figure exists only for a run that is complete, and a void run says why.
  constraint evaluation_score check (state <> 'complete' or (answer is not null and statement is not null)),
  constraint evaluation_void check (state <> 'void' or (answer is null and void_reason is not null))
);
create index evaluation_page_idx on bench.evaluation (project_id, created_at, id);
create index evaluation_snapshot_idx on bench.evaluation (snapshot_id);
create index evaluation_creator_idx on bench.evaluation (created_by);

-- Every sample's answer. A row is written before the model is asked, so that a killed run knows what was in flight.
create table bench.answer (
  evaluation_id uuid not null constraint answer_evaluation references bench.evaluation,
  project_id uuid not null constraint answer_project references kernel.project,
  model_digest text not null,
  input_key text not null,
  sample text not null,
  state text not null constraint answer_state check (state in ('asking', 'answered', 'refused', 'failed')),
  times_asked int not null default 0,
  is_reused boolean not null default false,
  reply jsonb,
  problem text,
  at timestamptz not null default clock_timestamp(),
  primary key (evaluation_id, input_key),
  constraint answer_reply check ((state = 'answered') = (reply is not null))
);
create index answer_reuse_idx on bench.answer (project_id, model_digest, input_key) where state in ('answered', 'refused');

alter table bench.evaluation enable row level security;
create policy system_all on bench.evaluation using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on bench.evaluation for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy evaluators on bench.evaluation for insert with check (
  project_id = any ((select kernel.actor_projects_as('evaluator'))::uuid[]) and created_by = kernel.actor_user() and state = 'planned');
create policy evaluators_control on bench.evaluation for update
  using (project_id = any ((select kernel.actor_projects_as('evaluator'))::uuid[]) and state in ('planned', 'running', 'paused'))
  with check (state in ('planned', 'running', 'paused'));
alter table bench.answer enable row level security;
create policy system_all on bench.answer using (kernel.actor_can('scheduler'));
create policy members on bench.answer for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
grant select, insert, update on bench.evaluation, bench.answer to pilotbase_app;
