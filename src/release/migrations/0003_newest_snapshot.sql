-- The triggers lock the release and then count what is committed. A transaction at repeatable read would count by the
-- snapshot of its beginning, in which a refusal or a lost role that came since can't be seen: so it may not write here.
create function release.refuse_old_snapshot() returns trigger language plpgsql as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform release.refuse(tg_table_name || '_read_committed', 'this is written at read committed, which sees what was decided meanwhile');
  end if;
  return new;
end $$;

-- Triggers of one moment fire by name: these come first.
create trigger a_newest_snapshot before insert on release.policy for each row execute function release.refuse_old_snapshot();
create trigger a_newest_snapshot before insert on release.release for each row execute function release.refuse_old_snapshot();
create trigger a_newest_snapshot before insert on release.approval for each row execute function release.refuse_old_snapshot();
create trigger a_newest_snapshot before insert on release.gate for each row execute function release.refuse_old_snapshot();
create trigger a_newest_snapshot before insert on release.move for each row execute function release.refuse_old_snapshot();
