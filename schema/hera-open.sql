-- Run after hera.sql, in test databases only: HERA's tables as open as in production. anon has all rights on them, and
-- its policies let it through once a JWT role claim is set; authenticated reads and writes every organization.

grant all on all tables in schema public to anon, authenticated, service_role;

do $policies$
declare
  name text;
begin
  foreach name in array array['core_organizations', 'core_entities', 'core_dynamic_data', 'core_relationships',
                              'universal_transactions', 'universal_transaction_lines'] loop
    execute format('drop policy if exists members_only on public.%I', name);
    execute format('drop policy if exists open_to_roles on public.%I', name);
    execute format($policy$
      create policy open_to_roles on public.%I for all to anon, authenticated
        using (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' is not null)
        with check (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' is not null)
    $policy$, name);
  end loop;
end
$policies$;
