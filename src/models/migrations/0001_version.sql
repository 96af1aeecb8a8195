create schema models;
grant usage on schema models to pilotbase_app;

create table models.model (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint model_project references kernel.project,
  slug text not null constraint model_slug_form check (slug ~ '^[a-z][a-z0-9-]{0,62}$'),
  title text not null constraint model_title check (length(title) between 1 and 200),
  created_by uuid constraint model_creator references kernel.person,
  created_at timestamptz not null default now(),
  constraint model_slug_once unique (project_id, slug),
  constraint model_of_project unique (id, project_id)
);
create index model_creator_idx on models.model (created_by);

-- Immutable. The weights lie in a snapshot of the data room and the job in compute: named by digest and id, without foreign keys.
create table models.version (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null,
  model_id uuid not null,
  label text not null constraint version_label_form check (label ~ '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'),
  kind text not null constraint version_kind check (kind in ('ecg', 'onnx')),
  snapshot_digest text not null constraint version_snapshot_form check (snapshot_digest ~ '^[0-9a-f]{64}$'),
  weights_digest text not null constraint version_weights_form check (weights_digest ~ '^[0-9a-f]{64}$'),
  signature jsonb not null,
  card jsonb not null,
  card_sha256 text not null constraint version_card_form check (card_sha256 ~ '^[0-9a-f]{64}$'),
  -- OpenSSF model signing: the bundle over the weights folder, an object.
  model_sig_sha256 text not null constraint version_sig_form check (model_sig_sha256 ~ '^[0-9a-f]{64}$'),
  training_job_id uuid,
  is_synthetic boolean not null,
  is_demo boolean not null,
  created_by uuid constraint version_creator references kernel.person,
  created_at timestamptz not null default now(),
  constraint version_model foreign key (model_id, project_id) references models.model (id, project_id),
  constraint version_label_once unique (model_id, label),
  constraint version_of_model unique (id, model_id, project_id)
);
create index version_model_idx on models.version (model_id, project_id);
create index version_page_idx on models.version (model_id, created_at, id);
create index version_project_idx on models.version (project_id);
create index version_weights_idx on models.version (weights_digest);
create index version_creator_idx on models.version (created_by);

-- Append-only: an alias is where its last move put it.
create table models.alias_move (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  model_id uuid not null,
  alias text not null constraint alias_form check (alias ~ '^[a-z][a-z0-9-]{0,62}$'),
  version_id uuid not null,
  reason text,
  moved_by uuid constraint alias_move_mover references kernel.person,
  moved_at timestamptz not null default clock_timestamp(),
  constraint alias_move_version foreign key (version_id, model_id, project_id) references models.version (id, model_id, project_id)
);
create index alias_move_version_idx on models.alias_move (version_id, model_id, project_id);
create index alias_move_last_idx on models.alias_move (model_id, alias, id);
create index alias_move_project_idx on models.alias_move (project_id);
create index alias_move_mover_idx on models.alias_move (moved_by);

alter table models.model enable row level security;
create policy system_all on models.model using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on models.model for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy registrars on models.model for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer'))::uuid[]) and created_by = kernel.actor_user());
alter table models.version enable row level security;
create policy system_all on models.version using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on models.version for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy registrars on models.version for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer'))::uuid[]) and created_by = kernel.actor_user());
alter table models.alias_move enable row level security;
create policy system_all on models.alias_move using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on models.alias_move for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy registrars on models.alias_move for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer'))::uuid[]) and moved_by = kernel.actor_user());
grant select, insert on models.model, models.version, models.alias_move to pilotbase_app;
