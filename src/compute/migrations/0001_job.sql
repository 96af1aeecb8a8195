create schema compute;
grant usage on schema compute to pilotbase_app;

create table compute.job (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint job_project references kernel.project,
  name text not null,
  state text not null default 'queued' constraint job_state check (
    state in ('queued', 'starting', 'running', 'collecting', 'succeeded', 'failed', 'cancelled', 'lost')),
  spec jsonb not null,
  priority int not null constraint job_priority check (priority between -100 and 100),
  slots int not null constraint job_slots check (slots > 0),
  -- Counts the launches; whoever acts for an older attempt finds that its number no longer fits.
  attempt int not null default 0,
  max_attempts int not null constraint job_max_attempts check (max_attempts between 1 and 10),
  handle text,
  -- Which machine's executor runs it: another base on the same database leaves it alone.
  runs_on text,
  is_cancel_wished boolean not null default false,
  ending jsonb,
  outputs jsonb,
  progress jsonb,
  created_by uuid constraint job_creator references kernel.person,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index job_page_idx on compute.job (project_id, created_at, id);
create index job_waiting_idx on compute.job (priority, created_at, id) where state = 'queued';
create index job_open_idx on compute.job (state) where state in ('starting', 'running', 'collecting');
create index job_creator_idx on compute.job (created_by);

create table compute.job_metric (
  id bigint generated always as identity primary key,
  job_id uuid not null constraint job_metric_job references compute.job,
  project_id uuid not null constraint job_metric_project references kernel.project,
  name text not null,
  step bigint not null,
  value double precision not null constraint job_metric_finite check (value = value and abs(value) < 'infinity'),
  at timestamptz not null default clock_timestamp()
);
create index job_metric_job_idx on compute.job_metric (job_id, name, step);
create index job_metric_project_idx on compute.job_metric (project_id);

alter table compute.job enable row level security;
create policy system_all on compute.job using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on compute.job for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy submitters on compute.job for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer', 'evaluator'))::uuid[]) and created_by = kernel.actor_user());
create policy controllers on compute.job for update using (
  project_id = any ((select kernel.actor_projects_as('developer', 'evaluator', 'owner'))::uuid[]));
alter table compute.job_metric enable row level security;
create policy system_all on compute.job_metric using (kernel.actor_can('scheduler'));
create policy members on compute.job_metric for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy writers on compute.job_metric for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer', 'evaluator'))::uuid[]));
grant select, insert, update on compute.job to pilotbase_app;
grant select, insert on compute.job_metric to pilotbase_app;
