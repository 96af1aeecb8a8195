-- Separation of duties. These triggers run as the owner of the tables and hold for every role, capability and base; no
-- path in a program goes round them. What the database can't check is in README.md: who acts is what the base says, and
-- a signature is verified where the key is known, in the base.

create function release.refuse(name text, detail text) returns void language plpgsql as $$
begin raise exception using errcode = 'check_violation', constraint = name, message = detail; end $$;

create function release.refuse_change() returns trigger language plpgsql as $$
begin
  perform release.refuse(tg_table_name || '_append_only', tg_table_name || ' is append-only');
  return null;
end $$;

create function release.holds_role(project uuid, person uuid, variadic wanted text[]) returns boolean
language sql stable security definer set search_path = kernel, pg_temp as $$
  select exists (select from membership m join person p on p.id = m.person_id
                  where m.project_id = project and m.person_id = person and m.role = any (wanted) and p.disabled_at is null) $$;

-- What a statement of this base says, as far as a database can tell: its digest is its payload's, and it wasn't imported.
create function release.stated(project uuid, digest text, kind text) returns jsonb
language plpgsql stable security definer set search_path = kernel, pg_temp as $$
declare payload bytea; said jsonb;
begin
  select decode(s.envelope ->> 'payload', 'base64') into payload from statement s
   where s.project_id = project and s.envelope_sha256 = digest and not s.is_imported;
  if payload is null or encode(sha256(payload), 'hex') <> digest then return null; end if;
  said := convert_from(payload, 'UTF8')::jsonb;
  if said ->> 'predicateType' is distinct from 'https://pilotbase.dev/evidence/' || kind || '/v1' then return null; end if;
  return said;
end $$;

create function release.check_policy() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
begin
  if new.changed_by is distinct from kernel.actor_user() or not release.holds_role(new.project_id, new.changed_by, 'owner') then
    perform release.refuse('policy_by_owner', 'a policy is changed by an owner of the project');
  end if;
  new.source_sha256 := encode(sha256(convert_to(new.source, 'UTF8')), 'hex');
  new.changed_at := clock_timestamp();
  if new.version <> 1 + coalesce((select max(version) from release.policy where project_id = new.project_id), 0) then
    perform release.refuse('policy_version_next', 'versions of a policy follow one another');
  end if;
  return new;
end $$;
create trigger policy_checked before insert on release.policy for each row execute function release.check_policy();

create function release.check_proposal() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
declare made record;
begin
  if new.proposed_by is distinct from kernel.actor_user()
     or not release.holds_role(new.project_id, new.proposed_by, 'developer', 'owner') then
    perform release.refuse('release_by_proposer', 'a release is proposed by a developer or owner, in their own name');
  end if;
  if new.state <> 'proposed' then perform release.refuse('release_begins_proposed', 'a release begins as proposed'); end if;
  if new.policy_id is distinct from (select id from release.policy where project_id = new.project_id order by version desc limit 1) then
    perform release.refuse('release_newest_policy', 'a release is proposed under the newest policy');
  end if;
  select v.created_by, v.weights_digest, v.training_job_id into made from models.version v
   where v.id = new.version_id and v.project_id = new.project_id;
  if not found or made.weights_digest <> new.weights_digest then
    perform release.refuse('release_of_version', 'a release is of a version of its project, by its digest');
  end if;
  new.authors := array(
    select distinct author from unnest(coalesce(new.authors, '{}') || array[new.proposed_by, made.created_by]
      || array(select j.created_by from compute.job j where j.id = made.training_job_id)) author
     where author is not null order by author);
  new.proposed_at := clock_timestamp();
  return new;
end $$;
create trigger release_proposed before insert on release.release for each row execute function release.check_proposal();

create function release.check_approval() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
declare r record; said jsonb; org record; parties jsonb;
begin
  -- Locked, so that a release that moves meanwhile waits for this, and this for it.
  select * into r from release.release where id = new.release_id and project_id = new.project_id for share;
  if not found then perform release.refuse('approval_of_release', 'there is no such release'); end if;
  if new.person_id is distinct from kernel.actor_user() then
    perform release.refuse('approval_in_own_name', 'an approval is given in one''s own name');
  end if;
  if new.person_id = any (r.authors) then
    perform release.refuse('approval_not_author', 'an author of the release does not approve it');
  end if;
  if not release.holds_role(new.project_id, new.person_id, 'approver') then
    perform release.refuse('approval_by_approver', 'an approval is given by a person who is approver now');
  end if;
  if new.from_state <> r.state or new.to_state = 'withdrawn' then
    perform release.refuse('approval_of_next_stage', 'an approval is of the next stage');
  end if;
  select o.id, o.kind, o.name into org from kernel.person p join kernel.organisation o on o.id = p.organisation_id
   where p.id = new.person_id;
  new.organisation_id := org.id;
  select coalesce(p.rules #> array['gates', new.to_state, 'approvals', 'parties'], '[]') into parties
    from release.policy p where p.id = r.policy_id;
  if jsonb_array_length(parties) > 0 and not (parties ? org.kind or parties ? org.name) then
    perform release.refuse('approval_by_party', 'the policy does not name this organisation as a party');
  end if;
  said := release.stated(new.project_id, new.statement_digest, 'approval') -> 'predicate';
  if said is null or said ->> 'releaseId' is distinct from new.release_id::text or said ->> 'to' is distinct from new.to_state
     or said ->> 'decision' is distinct from new.decision or said #>> '{by,id}' is distinct from new.person_id::text then
    perform release.refuse('approval_as_stated', 'the statement does not say what the approval says');
  end if;
  new.decided_at := clock_timestamp();
  return new;
end $$;
create trigger approval_checked before insert on release.approval for each row execute function release.check_approval();

create function release.check_gate() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
declare r record; said jsonb; version int;
begin
  select * into r from release.release where id = new.release_id and project_id = new.project_id;
  if not found then perform release.refuse('gate_of_release', 'there is no such release'); end if;
  if new.judged_by is distinct from kernel.actor_user()
     or not release.holds_role(new.project_id, new.judged_by, 'developer', 'owner', 'approver') then
    perform release.refuse('gate_by_advancer', 'a gate is judged for a developer, owner or approver, in their own name');
  end if;
  if new.from_state <> r.state or new.to_state = 'withdrawn' then
    perform release.refuse('gate_of_next_stage', 'a gate leads to the next stage');
  end if;
  select p.version into version from release.policy p where p.id = r.policy_id;
  if new.policy_id <> r.policy_id then
    perform release.refuse('gate_of_frozen_policy', 'a gate is judged by the policy of the proposal');
  end if;
  said := release.stated(new.project_id, new.statement_digest, 'gate');
  if said is null or said #>> '{predicate,releaseId}' is distinct from new.release_id::text or said #>> '{predicate,from}' is distinct from new.from_state
     or said #>> '{predicate,to}' is distinct from new.to_state or said #>> '{predicate,outcome}' is distinct from new.outcome
     or said #>> '{predicate,gate,version}' is distinct from version::text
     or not coalesce(said -> 'subject' @> jsonb_build_array(jsonb_build_object('digest', jsonb_build_object('sha256', r.weights_digest))), false) then
    perform release.refuse('gate_as_stated', 'the statement does not say what the gate says');
  end if;
  if new.outcome = 'open' and not coalesce((
    select bool_and(c ->> 'outcome' is not distinct from 'pass') from jsonb_array_elements(said #> '{predicate,checks}') c), false) then
    perform release.refuse('gate_checks_passed', 'a gate is open only when every check passed');
  end if;
  new.judged_at := clock_timestamp();
  return new;
end $$;
create trigger gate_checked before insert on release.gate for each row execute function release.check_gate();

-- What is still lacking for a stage as the name of a constraint, or null. Approvals count again by person and author here,
-- although each was checked when it was given.
create function release.lacking(r release.release, stage text) returns text
language plpgsql stable security definer set search_path = release, kernel, pg_temp as $$
declare wanted jsonb; needed int; people int; organisations int;
begin
  if coalesce((select g.outcome from release.gate g
                where g.release_id = r.id and g.from_state = r.state and g.to_state = stage and g.policy_id = r.policy_id
                order by g.id desc limit 1), 'shut') <> 'open' then
    return 'release_gate_open';
  end if;
  if exists (select from release.approval a where a.release_id = r.id and a.to_state = stage and a.decision = 'refused') then
    return 'release_not_refused';
  end if;
  select p.rules #> array['gates', stage, 'approvals'] into wanted from release.policy p where p.id = r.policy_id;
  needed := coalesce((wanted ->> 'count')::int, 1);
  select count(distinct a.person_id), count(distinct a.organisation_id) into people, organisations from release.approval a
   where a.release_id = r.id and a.from_state = r.state and a.to_state = stage and a.decision = 'approved'
     and not a.person_id = any (r.authors);
  if people < needed then return 'release_approved'; end if;
  if (wanted ->> 'distinctOrganisations')::boolean and organisations < needed then return 'release_approved_apart'; end if;
  return null;
end $$;

create function release.guard_release() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
declare lacking text;
begin
  if to_jsonb(new) - 'state' is distinct from to_jsonb(old) - 'state' or new.state = old.state then
    perform release.refuse('release_fixed', 'of a release nothing changes but its state');
  end if;
  if not exists (select from release.transition where from_state = old.state and to_state = new.state) then
    perform release.refuse('release_transition', format('a release does not go from %s to %s', old.state, new.state));
  end if;
  if new.state <> 'withdrawn' then
    lacking := release.lacking(old, new.state);
    if lacking is not null then
      perform release.refuse(lacking, format('the release does not fulfil what %s asks for', new.state));
    end if;
  end if;
  if not exists (select from release.move m where m.release_id = old.id and m.from_state = old.state and m.to_state = new.state) then
    perform release.refuse('release_move_recorded', 'a release is moved by a row in move');
  end if;
  return new;
end $$;
create trigger release_guarded before update on release.release for each row execute function release.guard_release();

create function release.check_move() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
declare r record; said jsonb; wanted text[];
begin
  select * into r from release.release where id = new.release_id and project_id = new.project_id for update;
  if not found then perform release.refuse('move_of_release', 'there is no such release'); end if;
  wanted := case when new.to_state = 'withdrawn' then '{owner,approver}' when new.to_state = 'proposed' then '{developer,owner}'
                 else '{developer,owner,approver}' end;
  if new.moved_by is distinct from kernel.actor_user() or not release.holds_role(new.project_id, new.moved_by, variadic wanted) then
    perform release.refuse('move_by_mover', 'a release is moved by a person whose role allows it, in their own name');
  end if;
  if new.from_state is distinct from r.state and not (new.from_state is null and r.state = 'proposed' and r.proposed_by = new.moved_by) then
    perform release.refuse('move_from_state', 'the release is no longer in that state');
  end if;
  said := release.stated(new.project_id, new.statement_digest, 'release') -> 'predicate';
  if said is null or said ->> 'releaseId' is distinct from new.release_id::text or said ->> 'from' is distinct from new.from_state
     or said ->> 'to' is distinct from new.to_state or said #>> '{by,id}' is distinct from new.moved_by::text then
    perform release.refuse('move_as_stated', 'the statement does not say what the move says');
  end if;
  new.moved_at := clock_timestamp();
  return new;
end $$;
create trigger move_checked before insert on release.move for each row execute function release.check_move();

create function release.apply_move() returns trigger
language plpgsql security definer set search_path = release, kernel, pg_temp as $$
begin
  if new.from_state is null then return null; end if;
  update release.release set state = new.to_state where id = new.release_id and state = new.from_state;
  if not found then perform release.refuse('move_from_state', 'the release is no longer in that state'); end if;
  return null;
end $$;
create trigger move_applied after insert on release.move for each row execute function release.apply_move();

create trigger transition_append_only before insert or update or delete or truncate on release.transition execute function release.refuse_change();
create trigger policy_append_only before update or delete or truncate on release.policy execute function release.refuse_change();
create trigger release_append_only before delete or truncate on release.release execute function release.refuse_change();
create trigger approval_append_only before update or delete or truncate on release.approval execute function release.refuse_change();
create trigger gate_append_only before update or delete or truncate on release.gate execute function release.refuse_change();
create trigger move_append_only before update or delete or truncate on release.move execute function release.refuse_change();

-- A definer's function is for its triggers, not for whoever can connect.
revoke all on function release.holds_role(uuid, uuid, text[]), release.stated(uuid, text, text),
  release.lacking(release.release, text) from public;
