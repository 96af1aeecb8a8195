-- Who acts, and what exists for them. Policies call these functions; the base connects as pilotbase_app, which owns nothing.
create schema kernel;
grant usage on schema kernel to pilotbase_app;

create function kernel.actor_user() returns uuid language sql stable as $$
  select nullif(current_setting('pilotbase.user', true), '')::uuid $$;
create function kernel.actor_can(capability text) returns boolean language sql stable as $$
  select current_setting('pilotbase.capability', true) = capability $$;

create table kernel.organisation (
  id uuid primary key default gen_random_uuid(),
  kind text not null constraint organisation_kind check (kind in ('hospital', 'company', 'research', 'government')),
  name text not null,
  created_at timestamptz not null default now(),
  constraint organisation_name_once unique (name)
);

create table kernel.person (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null constraint person_organisation references kernel.organisation,
  handle text not null constraint person_handle_once unique constraint person_handle_form check (handle ~ '^[a-z0-9][a-z0-9.-]{0,62}$'),
  name text not null,
  oidc_subject text constraint person_oidc_once unique,
  is_operator boolean not null default false,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
create index person_organisation_idx on kernel.person (organisation_id);

create table kernel.project (
  id uuid primary key default gen_random_uuid(),
  slug text not null constraint project_slug_once unique constraint project_slug_form check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  title text not null,
  organisation_id uuid not null constraint project_organisation references kernel.organisation,
  is_demo boolean not null default false,
  created_at timestamptz not null default now()
);
create index project_organisation_idx on kernel.project (organisation_id);

create table kernel.membership (
  project_id uuid not null constraint membership_project references kernel.project,
  person_id uuid not null constraint membership_person references kernel.person,
  role text not null constraint membership_role check (role in ('owner', 'steward', 'developer', 'evaluator', 'clinician', 'approver', 'auditor')),
  since_at timestamptz not null default now(),
  primary key (project_id, person_id, role)
);
create index membership_person_idx on kernel.membership (person_id);

-- Run as their owner, so that a policy on membership does not have to read membership under itself.
create function kernel.actor_projects() returns uuid[] language sql stable security definer set search_path = kernel, pg_temp as $$
  select coalesce(array_agg(distinct project_id), '{}') from membership m join person p on p.id = m.person_id
   where m.person_id = kernel.actor_user() and p.disabled_at is null $$;
create function kernel.actor_projects_as(variadic roles text[]) returns uuid[] language sql stable security definer set search_path = kernel, pg_temp as $$
  select coalesce(array_agg(distinct project_id), '{}') from membership m join person p on p.id = m.person_id
   where m.person_id = kernel.actor_user() and p.disabled_at is null and m.role = any (roles) $$;
create function kernel.actor_organisation() returns uuid language sql stable security definer set search_path = kernel, pg_temp as $$
  select organisation_id from person where id = kernel.actor_user() and disabled_at is null $$;
create function kernel.actor_is_operator() returns boolean language sql stable security definer set search_path = kernel, pg_temp as $$
  select coalesce((select is_operator from person where id = kernel.actor_user() and disabled_at is null), false) $$;
create function kernel.actor_colleagues() returns uuid[] language sql stable security definer set search_path = kernel, pg_temp as $$
  select coalesce(array_agg(distinct person_id), '{}') from membership where project_id = any (kernel.actor_projects()) $$;
-- The author of a change must be whoever acts: nobody writes in another's name.
create function kernel.roles_in(project uuid) returns text[] language sql stable security definer set search_path = kernel, pg_temp as $$
  select coalesce(array_agg(role order by role), '{}') from membership m join person p on p.id = m.person_id
   where m.project_id = project and m.person_id = kernel.actor_user() and p.disabled_at is null $$;

create table kernel.session (
  token_sha256 bytea primary key,
  person_id uuid not null constraint session_person references kernel.person,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_person_idx on kernel.session (person_id);

create table kernel.sign_in_link (
  token_sha256 bytea primary key,
  person_id uuid not null constraint sign_in_link_person references kernel.person,
  created_by uuid constraint sign_in_link_creator references kernel.person,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index sign_in_link_person_idx on kernel.sign_in_link (person_id);
create index sign_in_link_creator_idx on kernel.sign_in_link (created_by);

create table kernel.api_key (
  id uuid primary key default gen_random_uuid(),
  person_id uuid not null constraint api_key_person references kernel.person,
  name text not null,
  token_sha256 bytea not null constraint api_key_token_once unique,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index api_key_person_idx on kernel.api_key (person_id);

create table kernel.audit_row (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id uuid,
  actor_name text not null,
  organisation_id uuid,
  project_id uuid,
  action text not null,
  target_kind text,
  target_id text,
  outcome text not null constraint audit_outcome check (outcome in ('done', 'refused')),
  problem text,
  request_id text,
  detail jsonb not null default '{}'
);
create index audit_row_project_idx on kernel.audit_row (project_id, id);

-- Sequence and hash are given by the sealer in batches, so that writers never wait for one another on the chain.
create table kernel.audit_link (
  row_id bigint primary key constraint audit_link_row references kernel.audit_row,
  seq bigint not null constraint audit_link_seq_once unique,
  salt text not null,
  hash text not null
);
create table kernel.audit_seal (
  number bigint primary key,
  first_seq bigint not null,
  last_seq bigint not null constraint audit_seal_last_once unique,
  previous_hash text not null,
  envelope jsonb not null,
  sealed_at timestamptz not null
);
-- One row: the log's random name and where its chain stands. Its lock makes one sealer at a time.
create table kernel.audit_head (
  id boolean primary key default true constraint audit_head_only check (id),
  log text not null default gen_random_uuid()::text,
  seq bigint not null default 0,
  hash text,
  seal_number bigint not null default 0,
  seal_digest text
);
insert into kernel.audit_head default values;

create table kernel.statement (
  id bigint generated always as identity primary key,
  project_id uuid not null constraint statement_project references kernel.project,
  predicate_type text not null,
  envelope_sha256 text not null,
  envelope jsonb not null,
  subjects text[] not null,
  is_imported boolean not null default false,
  created_at timestamptz not null default now(),
  constraint statement_once unique (project_id, envelope_sha256)
);
create index statement_subjects_idx on kernel.statement using gin (subjects);

-- Public keys of other parties whose statements the base accepts; its own lies in the data folder.
create table kernel.trusted_key (
  keyid text primary key,
  party text not null,
  public_key_pem text not null,
  valid_from timestamptz not null,
  revoked_at timestamptz
);

create table kernel.event (
  id bigint generated always as identity primary key,
  -- Readers page by (transaction, id) below the oldest running transaction, so that a late commit is never skipped.
  transaction_id xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  project_id uuid not null constraint event_project references kernel.project,
  kind text not null,
  subject_id text not null,
  detail jsonb not null default '{}'
);
create index event_page_idx on kernel.event (transaction_id, id);
create index event_project_idx on kernel.event (project_id);
create function kernel.announce_event() returns trigger language plpgsql as $$
begin perform pg_notify('pilotbase_event', ''); return null; end $$;
create trigger event_announced after insert on kernel.event for each statement execute function kernel.announce_event();

-- Which objects a row keeps alive: the collector deletes what no row names.
create table kernel.object_reference (
  sha256 text not null,
  project_id uuid not null constraint object_reference_project references kernel.project,
  owner_kind text not null,
  owner_id text not null,
  primary key (sha256, project_id, owner_kind, owner_id)
);
create index object_reference_project_idx on kernel.object_reference (project_id);

create table kernel.base_instance (
  id bigint generated always as identity primary key,
  worker_ids text[] not null default '{}',
  started_at timestamptz not null default now()
);

-- Work is enqueued in the transaction that causes it; the queue's own tables stay out of the base's reach.
create function kernel.enqueue(task text, payload json, job_key text, run_after_ms int, max_attempts int, priority int)
returns bigint language sql security definer set search_path = graphile_worker, pg_temp as $$
  select id from graphile_worker.add_job(task, payload, null, now() + make_interval(secs => run_after_ms / 1000.0), max_attempts, job_key, priority) $$;

alter table kernel.organisation enable row level security;
alter table kernel.person enable row level security;
alter table kernel.project enable row level security;
alter table kernel.membership enable row level security;
alter table kernel.session enable row level security;
alter table kernel.sign_in_link enable row level security;
alter table kernel.api_key enable row level security;
alter table kernel.audit_row enable row level security;
alter table kernel.audit_link enable row level security;
alter table kernel.audit_seal enable row level security;
alter table kernel.audit_head enable row level security;
alter table kernel.statement enable row level security;
alter table kernel.trusted_key enable row level security;
alter table kernel.event enable row level security;
alter table kernel.object_reference enable row level security;
alter table kernel.base_instance enable row level security;

create policy identity_all on kernel.organisation using (kernel.actor_can('identity') or kernel.actor_can('seed'));
create policy own on kernel.organisation for select using (
  id = kernel.actor_organisation() or (select kernel.actor_is_operator())
  or exists (select from kernel.person p where p.organisation_id = organisation.id and p.id = any ((select kernel.actor_colleagues())::uuid[])));
create policy operator_adds on kernel.organisation for insert with check ((select kernel.actor_is_operator()));

create policy identity_all on kernel.person using (kernel.actor_can('identity') or kernel.actor_can('seed'));
create policy colleagues on kernel.person for select using (
  id = kernel.actor_user() or (select kernel.actor_is_operator()) or id = any ((select kernel.actor_colleagues())::uuid[]));
create policy operator_adds on kernel.person for insert with check ((select kernel.actor_is_operator()));
create policy operator_changes on kernel.person for update using ((select kernel.actor_is_operator()));

create policy all_projects on kernel.project for select using (kernel.actor_can('identity') or kernel.actor_can('scheduler') or kernel.actor_can('collector'));
create policy seed_all on kernel.project using (kernel.actor_can('seed'));
create policy members on kernel.project for select using (id = any ((select kernel.actor_projects())::uuid[]));
create policy operator_adds on kernel.project for insert with check ((select kernel.actor_is_operator()));
create policy operator_sees on kernel.project for select using ((select kernel.actor_is_operator()));

create policy seed_all on kernel.membership using (kernel.actor_can('seed'));
create policy members on kernel.membership for select using (
  project_id = any ((select kernel.actor_projects())::uuid[]) or (select kernel.actor_is_operator()));
create policy owner_changes on kernel.membership for all using (
  project_id = any ((select kernel.actor_projects_as('owner'))::uuid[]) or (select kernel.actor_is_operator()));

create policy identity_all on kernel.session using (kernel.actor_can('identity'));
create policy own on kernel.session using (person_id = kernel.actor_user());
create policy identity_all on kernel.sign_in_link using (kernel.actor_can('identity'));
create policy operator_adds on kernel.sign_in_link for insert with check ((select kernel.actor_is_operator()) and created_by = kernel.actor_user());
create policy identity_all on kernel.api_key using (kernel.actor_can('identity'));
create policy own on kernel.api_key using (person_id = kernel.actor_user());

-- Anyone may add to the audit log, nobody may change it; the sealer reads it all, an auditor reads the project's.
create policy anyone_adds on kernel.audit_row for insert with check (actor_id is not distinct from kernel.actor_user());
create policy sealer_reads on kernel.audit_row for select using (kernel.actor_can('sealer'));
create policy auditors on kernel.audit_row for select using (
  project_id = any ((select kernel.actor_projects_as('auditor', 'owner'))::uuid[])
  or actor_id = kernel.actor_user() or (select kernel.actor_is_operator()));
create policy sealer_all on kernel.audit_link using (kernel.actor_can('sealer'));
create policy readers on kernel.audit_link for select using (
  exists (select from kernel.audit_row r where r.id = row_id));
create policy sealer_all on kernel.audit_seal using (kernel.actor_can('sealer'));
create policy sealer_all on kernel.audit_head using (kernel.actor_can('sealer'));
create policy signed_in on kernel.audit_seal for select using (kernel.actor_user() is not null);

create policy signed_in on kernel.trusted_key for select using (kernel.actor_user() is not null or kernel.actor_can('scheduler') or kernel.actor_can('sealer'));
create policy operator_changes on kernel.trusted_key for all using ((select kernel.actor_is_operator()));
create policy scheduler_all on kernel.statement using (kernel.actor_can('scheduler') or kernel.actor_can('seed'));
create policy members on kernel.statement for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members_add on kernel.statement for insert with check (project_id = any ((select kernel.actor_projects())::uuid[]));

create policy system_all on kernel.event using (kernel.actor_can('scheduler') or kernel.actor_can('events') or kernel.actor_can('seed'));
create policy members on kernel.event for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members_add on kernel.event for insert with check (project_id = any ((select kernel.actor_projects())::uuid[]));

create policy system_all on kernel.object_reference using (kernel.actor_can('scheduler') or kernel.actor_can('collector') or kernel.actor_can('seed'));
create policy members on kernel.object_reference for select using (project_id = any ((select kernel.actor_projects())::uuid[]));
create policy members_add on kernel.object_reference for insert with check (project_id = any ((select kernel.actor_projects())::uuid[]));

create policy scheduler_all on kernel.base_instance using (kernel.actor_can('scheduler'));

grant select, insert, update on kernel.organisation, kernel.person, kernel.project, kernel.session, kernel.sign_in_link, kernel.api_key to pilotbase_app;
grant select, insert, delete on kernel.membership, kernel.object_reference to pilotbase_app;
grant select, insert, update on kernel.trusted_key to pilotbase_app;
grant select, insert on kernel.audit_row, kernel.audit_link, kernel.audit_seal, kernel.statement, kernel.event to pilotbase_app;
grant select, update on kernel.audit_head to pilotbase_app;
grant select, insert, update, delete on kernel.base_instance to pilotbase_app;
grant select on public.kernel_migration to pilotbase_app;

-- One round trip turns a credential into the transaction's actor: a session or an unexpired key, its person, and what
-- roles the person has in the project named by slug (null: none named, or not a member: then the project stays unseen).
create function kernel.enter(token bytea, project_slug text)
returns table (person_id uuid, name text, handle text, organisation_id uuid, is_operator boolean, scopes text[], via text,
               project_id uuid, project_title text, is_demo boolean, roles text[])
language plpgsql security definer set search_path = kernel, pg_temp as $$
declare who uuid; key_scopes text[]; how text;
begin
  select s.person_id, 'session' into who, how from session s
   where s.token_sha256 = token and s.revoked_at is null and s.expires_at > now();
  if who is null then
    select k.person_id, k.scopes, 'key' into who, key_scopes, how from api_key k
     where k.token_sha256 = token and k.revoked_at is null and k.expires_at > now();
  end if;
  if who is null or exists (select from person p where p.id = who and p.disabled_at is not null) then
    perform set_config('pilotbase.user', '', true), set_config('pilotbase.capability', '', true);
    return;
  end if;
  perform set_config('pilotbase.user', who::text, true), set_config('pilotbase.capability', '', true);
  return query
    select p.id, p.name, p.handle, p.organisation_id, p.is_operator, key_scopes, how, j.id, j.title, j.is_demo, j.roles
      from person p left join lateral (
        select pr.id, pr.title, pr.is_demo, array_agg(m.role order by m.role) as roles
          from project pr join membership m on m.project_id = pr.id and m.person_id = p.id
         where pr.slug = project_slug group by pr.id) j on true
     where p.id = who;
end $$;

-- Poison work is parked with its error; an operator sees it and may send it round again.
create function kernel.parked_work() returns table (id bigint, task text, payload json, attempts smallint, last_error text, parked_at timestamptz)
language sql stable security definer set search_path = graphile_worker, pg_temp as $$
  select j.id, t.identifier, j.payload, j.attempts, j.last_error, j.updated_at
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
   where j.attempts >= j.max_attempts and j.locked_at is null and kernel.actor_is_operator() order by j.id $$;
create function kernel.retry_work(work_id bigint) returns boolean language sql security definer set search_path = graphile_worker, pg_temp as $$
  with back as (
    update graphile_worker._private_jobs set attempts = 0, run_at = now(), updated_at = now()
     where id = work_id and attempts >= max_attempts and locked_at is null and kernel.actor_is_operator() returning id)
  select exists (select from back) $$;
