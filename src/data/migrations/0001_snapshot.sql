create schema data;
grant usage on schema data to pilotbase_app;

-- Immutable: the manifest is an object, named by its digest. The same content has the same digest on any machine.
create table data.snapshot (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint snapshot_project references kernel.project,
  name text not null,
  digest text not null constraint snapshot_digest_form check (digest ~ '^[0-9a-f]{64}$'),
  files int not null constraint snapshot_files check (files >= 0),
  size_bytes bigint not null constraint snapshot_size check (size_bytes >= 0),
  source text not null,
  licence text not null,
  is_synthetic boolean not null,
  splits jsonb not null,
  created_by uuid constraint snapshot_creator references kernel.person,
  created_at timestamptz not null default now(),
  constraint snapshot_once unique (project_id, digest)
);
create index snapshot_page_idx on data.snapshot (project_id, created_at, id);
create index snapshot_creator_idx on data.snapshot (created_by);

alter table data.snapshot enable row level security;
create policy system_all on data.snapshot using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on data.snapshot for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy writers on data.snapshot for insert with check (
  project_id = any ((select kernel.actor_projects_as('owner', 'steward', 'developer', 'clinician'))::uuid[]) and created_by = kernel.actor_user());
grant select, insert on data.snapshot to pilotbase_app;
