-- A model version made callable. The version lies in a later room, so it is named by its id and not by a foreign key.
create table compute.deployment (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint deployment_project references kernel.project,
  name text not null constraint deployment_name_form check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  version_id uuid not null,
  state text not null default 'pending' constraint deployment_state check (state in ('pending', 'ready', 'degraded', 'stopped')),
  replicas int not null constraint deployment_replicas check (replicas between 1 and 64),
  is_demo boolean not null,
  -- Why it is degraded: a problem's code and its words; null in every other state.
  reason jsonb,
  created_by uuid constraint deployment_creator references kernel.person,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  constraint deployment_reason check ((state = 'degraded') = (reason is not null))
);
create unique index deployment_name_once on compute.deployment (project_id, name) where state <> 'stopped';
create index deployment_page_idx on compute.deployment (project_id, created_at, id);
create index deployment_open_idx on compute.deployment (id) where state <> 'stopped';
create index deployment_version_idx on compute.deployment (version_id);
create index deployment_creator_idx on compute.deployment (created_by);

alter table compute.deployment enable row level security;
create policy system_all on compute.deployment using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on compute.deployment for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy managers_add on compute.deployment for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer', 'owner'))::uuid[]) and created_by = kernel.actor_user());
create policy managers_change on compute.deployment for update using (
  project_id = any ((select kernel.actor_projects_as('developer', 'owner'))::uuid[]));
grant select, insert on compute.deployment to pilotbase_app;
grant update (state, reason, changed_at) on compute.deployment to pilotbase_app;
