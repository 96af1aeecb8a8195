create schema release;
grant usage on schema release to pilotbase_app;

-- The lifecycle: the same rows as in release/domain.ts. A move that is no row here can't be recorded.
create table release.transition (
  from_state text not null,
  to_state text not null,
  primary key (from_state, to_state)
);
insert into release.transition (from_state, to_state) values
  ('proposed', 'shadow'), ('shadow', 'pilot'), ('pilot', 'live'),
  ('proposed', 'withdrawn'), ('shadow', 'withdrawn'), ('pilot', 'withdrawn'), ('live', 'withdrawn');

-- Append-only: a change of the rules is a new version, and a release keeps the one that held when it was proposed.
create table release.policy (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint policy_project references kernel.project,
  version int not null constraint policy_version check (version > 0),
  source text not null constraint policy_source check (length(source) between 1 and 65536),
  source_sha256 text not null constraint policy_source_digest check (source_sha256 ~ '^[0-9a-f]{64}$'),
  rules jsonb not null,
  reason text not null constraint policy_reason check (length(reason) between 1 and 2000),
  changed_by uuid not null constraint policy_changer references kernel.person,
  changed_at timestamptz not null default clock_timestamp(),
  constraint policy_version_once unique (project_id, version),
  constraint policy_of_project unique (id, project_id),
  constraint policy_counts check (
    coalesce((rules #>> '{gates,shadow,approvals,count}')::int, -1) >= 0
    and coalesce((rules #>> '{gates,pilot,approvals,count}')::int, -1) >= 0
    -- Nothing goes live on its author's word alone, whatever a policy says.
    and coalesce((rules #>> '{gates,live,approvals,count}')::int, -1) >= 1)
);
create index policy_changer_idx on release.policy (changed_by);

-- A version for one purpose at one site. The version lies in models: named by id and digest, without a foreign key.
create table release.release (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null constraint release_project references kernel.project,
  policy_id uuid not null,
  version_id uuid not null,
  model text not null,
  label text not null,
  weights_digest text not null constraint release_weights_form check (weights_digest ~ '^[0-9a-f]{64}$'),
  purpose text not null constraint release_purpose check (length(purpose) between 1 and 200),
  site text not null constraint release_site check (length(site) between 1 and 200),
  scope text not null constraint release_scope check (length(scope) between 1 and 2000),
  state text not null default 'proposed' constraint release_state check (state in ('proposed', 'shadow', 'pilot', 'live', 'withdrawn')),
  is_synthetic boolean not null,
  is_demo boolean not null,
  proposed_by uuid not null constraint release_proposer references kernel.person,
  -- Who must not approve: the proposer, whoever registered the version, whoever submitted its training. Fixed at proposal.
  authors uuid[] not null constraint release_authors check (cardinality(authors) > 0),
  proposed_at timestamptz not null default clock_timestamp(),
  constraint release_of_project unique (id, project_id),
  constraint release_policy foreign key (policy_id, project_id) references release.policy (id, project_id)
);
create index release_policy_idx on release.release (policy_id, project_id);
create index release_page_idx on release.release (project_id, proposed_at, id);
create index release_version_idx on release.release (version_id);
create index release_proposer_idx on release.release (proposed_by);
create unique index release_one_live on release.release (project_id, purpose, site) where state = 'live';

create table release.approval (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null,
  release_id uuid not null,
  from_state text not null,
  to_state text not null,
  person_id uuid not null constraint approval_person references kernel.person,
  organisation_id uuid not null constraint approval_organisation references kernel.organisation,
  role text not null constraint approval_role check (role = 'approver'),
  decision text not null constraint approval_decision check (decision in ('approved', 'refused')),
  reason text not null constraint approval_reason check (length(reason) between 1 and 2000),
  statement_digest text not null,
  decided_at timestamptz not null default clock_timestamp(),
  constraint approval_release foreign key (release_id, project_id) references release.release (id, project_id),
  constraint approval_transition foreign key (from_state, to_state) references release.transition,
  constraint approval_statement foreign key (project_id, statement_digest) references kernel.statement (project_id, envelope_sha256),
  constraint approval_once unique (release_id, to_state, person_id)
);
create index approval_release_idx on release.approval (release_id, project_id);
create index approval_transition_idx on release.approval (from_state, to_state);
create index approval_statement_idx on release.approval (project_id, statement_digest);
create index approval_person_idx on release.approval (person_id);
create index approval_organisation_idx on release.approval (organisation_id);

-- What the base judged, as its signed statement says.
create table release.gate (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  release_id uuid not null,
  policy_id uuid not null,
  from_state text not null,
  to_state text not null,
  outcome text not null constraint gate_outcome check (outcome in ('open', 'shut')),
  statement_digest text not null,
  judged_by uuid not null constraint gate_judge references kernel.person,
  judged_at timestamptz not null default clock_timestamp(),
  constraint gate_release foreign key (release_id, project_id) references release.release (id, project_id),
  constraint gate_policy foreign key (policy_id, project_id) references release.policy (id, project_id),
  constraint gate_transition foreign key (from_state, to_state) references release.transition,
  constraint gate_statement foreign key (project_id, statement_digest) references kernel.statement (project_id, envelope_sha256)
);
create index gate_release_idx on release.gate (release_id, project_id);
create index gate_policy_idx on release.gate (policy_id, project_id);
create index gate_transition_idx on release.gate (from_state, to_state);
create index gate_statement_idx on release.gate (project_id, statement_digest);
create index gate_judge_idx on release.gate (judged_by);

-- The only way in which a release changes its state: a row here moves it. The proposal is the row that comes from nowhere.
create table release.move (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  release_id uuid not null,
  from_state text,
  to_state text not null,
  reason text not null constraint move_reason check (length(reason) between 1 and 2000),
  moved_by uuid not null constraint move_mover references kernel.person,
  statement_digest text not null,
  moved_at timestamptz not null default clock_timestamp(),
  constraint move_proposal check ((from_state is null) = (to_state = 'proposed')),
  constraint move_release foreign key (release_id, project_id) references release.release (id, project_id),
  constraint move_transition foreign key (from_state, to_state) references release.transition,
  constraint move_statement foreign key (project_id, statement_digest) references kernel.statement (project_id, envelope_sha256),
  constraint move_once unique (release_id, to_state)
);
create index move_release_idx on release.move (release_id, project_id);
create index move_transition_idx on release.move (from_state, to_state);
create index move_statement_idx on release.move (project_id, statement_digest);
create index move_mover_idx on release.move (moved_by);
create index move_page_idx on release.move (project_id, id);

alter table release.transition enable row level security;
alter table release.policy enable row level security;
alter table release.release enable row level security;
alter table release.approval enable row level security;
alter table release.gate enable row level security;
alter table release.move enable row level security;

create policy signed_in on release.transition for select using (
  kernel.actor_user() is not null or kernel.actor_can('scheduler') or kernel.actor_can('seed'));
-- The base on its own reads (to deploy and to stop), and writes nothing here: only people propose, approve and move.
create policy system_reads on release.policy for select using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy system_reads on release.release for select using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy system_reads on release.approval for select using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy system_reads on release.gate for select using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy system_reads on release.move for select using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on release.policy for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members on release.release for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members on release.approval for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members on release.gate for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members on release.move for select using (project_id = any ((select kernel.actor_projects())::uuid[]));

create policy owners_change on release.policy for insert with check (
  project_id = any ((select kernel.actor_projects_as('owner'))::uuid[]) and changed_by = kernel.actor_user());
create policy proposers on release.release for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer', 'owner'))::uuid[]) and proposed_by = kernel.actor_user());
create policy approvers on release.approval for insert with check (
  project_id = any ((select kernel.actor_projects_as('approver'))::uuid[]) and person_id = kernel.actor_user());
create policy advancers on release.gate for insert with check (
  project_id = any ((select kernel.actor_projects_as('developer', 'owner', 'approver'))::uuid[]) and judged_by = kernel.actor_user());
create policy movers on release.move for insert with check (
  (case when to_state = 'withdrawn' then project_id = any ((select kernel.actor_projects_as('owner', 'approver'))::uuid[])
        when to_state = 'proposed' then project_id = any ((select kernel.actor_projects_as('developer', 'owner'))::uuid[])
        else project_id = any ((select kernel.actor_projects_as('developer', 'owner', 'approver'))::uuid[]) end)
  and moved_by = kernel.actor_user());

-- No update and no delete, for nobody: what changes a release is a row in move.
grant select on release.transition to pilotbase_app;
grant select, insert on release.policy, release.release, release.approval, release.gate, release.move to pilotbase_app;
