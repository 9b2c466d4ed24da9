-- HERA's six tables with the constraints, triggers, indexes and row level security of the production schema, for
-- embedded and test databases only: a real HERA database brings its own. Runs any number of times.

do $roles$
declare
  wanted text;
begin
  foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
  end loop;
  if not (select rolbypassrls from pg_roles where rolname = 'service_role') then
    alter role service_role bypassrls;
  end if;
end
$roles$;

create schema if not exists extensions;
grant usage on schema public, extensions to anon, authenticated, service_role;

create table if not exists public.core_organizations (
  id uuid primary key default gen_random_uuid(),
  organization_name text not null,
  organization_code text not null,
  organization_type text default 'business_unit',
  settings jsonb default '{}',
  status text default 'active',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  created_by uuid,
  updated_by uuid
);

create table if not exists public.core_entities (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.core_organizations (id) on delete cascade,
  entity_type text not null,
  entity_name text not null,
  entity_code text,
  entity_description text,
  parent_entity_id uuid references public.core_entities (id),
  smart_code varchar(100) not null,
  smart_code_status text default 'DRAFT',
  ai_confidence numeric(5, 4),
  ai_classification text,
  ai_insights jsonb default '{}',
  business_rules jsonb default '{}',
  metadata jsonb default '{}',
  tags text[],
  status text default 'active',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  created_by uuid,
  updated_by uuid,
  version integer default 1,
  constraint core_entities_smart_code_check check (
    upper(regexp_replace(smart_code, '\.v[0-9]+$', '')) || coalesce(substring(smart_code from '\.v[0-9]+$'), '')
      ~ '^HERA\.[A-Z0-9]{3,15}(?:\.[A-Z0-9_]{2,30}){3,8}\.v[0-9]+$'
  )
);
-- Deliberately not unique: production has no unique index here.
create index if not exists core_entities_code_idx on public.core_entities (organization_id, entity_type, entity_code);

create table if not exists public.core_dynamic_data (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.core_organizations (id) on delete cascade,
  entity_id uuid not null references public.core_entities (id) on delete cascade,
  field_name text not null,
  field_type text default 'text',
  field_value_text text,
  field_value_number numeric(20, 8),
  field_value_boolean boolean,
  field_value_date timestamptz,
  field_value_json jsonb,
  field_value_file_url text,
  calculated_value jsonb,
  smart_code varchar(100) not null,
  smart_code_status text default 'DRAFT',
  ai_confidence numeric(5, 4),
  ai_enhanced_value text,
  ai_insights jsonb default '{}',
  validation_rules jsonb default '{}',
  validation_status text default 'valid',
  field_order integer default 1,
  is_searchable boolean default true,
  is_required boolean default false,
  is_system_field boolean default false,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  created_by uuid,
  updated_by uuid,
  version integer default 1,
  constraint core_dynamic_data_smart_code_check check (
    smart_code ~* '^HERA\.[A-Z0-9_]{3,30}(?:\.[A-Z0-9_]{2,40}){3,8}\.v[0-9]+$'
  )
);
create unique index if not exists core_dynamic_data_field_idx
  on public.core_dynamic_data (organization_id, entity_id, field_name);

create table if not exists public.core_relationships (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.core_organizations (id) on delete cascade,
  from_entity_id uuid not null references public.core_entities (id) on delete cascade,
  to_entity_id uuid not null references public.core_entities (id) on delete cascade,
  relationship_type text not null,
  relationship_direction text default 'forward',
  relationship_strength numeric(5, 4) default 1.0,
  relationship_data jsonb default '{}',
  smart_code varchar(100) not null,
  smart_code_status text default 'DRAFT',
  ai_confidence numeric(5, 4),
  ai_classification text,
  ai_insights jsonb default '{}',
  business_logic jsonb default '{}',
  is_active boolean default true,
  effective_date timestamptz default now(),
  expiration_date timestamptz,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  created_by uuid,
  updated_by uuid,
  version integer default 1,
  constraint core_relationships_smart_code_check check (
    smart_code ~* '^HERA\.[A-Z0-9_]{3,30}(?:\.[A-Z0-9_]{2,40}){3,8}\.v[0-9]+$'
  ),
  constraint core_relationships_ends_check check (from_entity_id <> to_entity_id)
);
create index if not exists core_relationships_from_idx
  on public.core_relationships (organization_id, from_entity_id, relationship_type);
create index if not exists core_relationships_to_idx
  on public.core_relationships (organization_id, to_entity_id, relationship_type);

create table if not exists public.universal_transactions (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.core_organizations (id) on delete cascade,
  transaction_type text not null,
  transaction_code text,
  transaction_date timestamptz default now(),
  source_entity_id uuid references public.core_entities (id),
  target_entity_id uuid references public.core_entities (id),
  total_amount numeric(20, 8) default 0,
  transaction_status text default 'pending',
  reference_number text,
  external_reference text,
  smart_code varchar(100) not null,
  smart_code_status text default 'DRAFT',
  business_context jsonb default '{}',
  metadata jsonb default '{}',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  created_by uuid,
  updated_by uuid,
  version integer default 1,
  constraint universal_transactions_smart_code_check check (
    smart_code ~* '^HERA\.[A-Z0-9_]{3,30}(?:\.[A-Z0-9_]{2,40}){3,8}\.v[0-9]+$'
  )
);

create table if not exists public.universal_transaction_lines (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.core_organizations (id) on delete cascade,
  transaction_id uuid not null references public.universal_transactions (id) on delete cascade,
  line_number integer not null,
  line_type text not null,
  entity_id uuid references public.core_entities (id),
  description text,
  quantity numeric(20, 8) default 1,
  unit_amount numeric(20, 8) default 0,
  line_amount numeric(20, 8) default 0,
  line_data jsonb default '{}',
  smart_code varchar(100) not null,
  smart_code_status text default 'DRAFT',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  created_by uuid,
  updated_by uuid,
  version integer default 1,
  constraint universal_transaction_lines_smart_code_check check (
    smart_code ~* '^HERA\.[A-Z0-9_]{3,30}(?:\.[A-Z0-9_]{2,40}){3,8}\.v[0-9]+$'
  )
);

-- Every write names its actor.
create or replace function public.enforce_actor_audit() returns trigger
language plpgsql as $function$
begin
  if tg_op = 'INSERT' and new.created_by is null then
    raise exception 'created_by must be set on insert into %', tg_table_name using errcode = '23502';
  end if;
  if tg_op = 'UPDATE' and new.updated_by is null then
    raise exception 'updated_by must be set on update of %', tg_table_name using errcode = '23502';
  end if;
  return new;
end
$function$;

create or replace function public.hera_is_person_like(p_entity_type text) returns boolean
language sql immutable as $function$
  select upper(p_entity_type) in ('PERSON', 'EMPLOYEE', 'STAFF', 'ALIAS', 'ROLE')
$function$;

-- Calls its helper without a schema, as production does: with an empty search_path every insert fails.
create or replace function public.hera_normalize_entity_biu() returns trigger
language plpgsql as $function$
begin
  if hera_is_person_like(new.entity_type) then
    new.entity_name := btrim(regexp_replace(new.entity_name, '\s+', ' ', 'g'));
  end if;
  return new;
end
$function$;

create or replace function public.hera_require_has_canonical_type() returns trigger
language plpgsql as $function$
begin
  if hera_is_person_like(new.entity_type) and coalesce(new.metadata ->> 'canonical_type', '') = '' then
    raise exception 'a % needs metadata.canonical_type', new.entity_type using errcode = '23514';
  end if;
  return new;
end
$function$;

-- Reads the row before it exists, as production does: the first insert of a field is always marked invalid.
create or replace function public.ef_soft_validate() returns trigger
language plpgsql as $function$
begin
  if exists (select from public.core_dynamic_data known where known.id = new.id) then
    new.validation_status := 'valid';
    new.ai_insights := coalesce(new.ai_insights, '{}') - 'validation';
  else
    new.validation_status := 'invalid';
    new.ai_insights := coalesce(new.ai_insights, '{}') || '{"validation": "not found"}';
  end if;
  return new;
end
$function$;

do $tables$
declare
  name text;
begin
  foreach name in array array['core_organizations', 'core_entities', 'core_dynamic_data', 'core_relationships',
                              'universal_transactions', 'universal_transaction_lines'] loop
    execute format('drop trigger if exists enforce_actor_audit on public.%I', name);
    execute format('create trigger enforce_actor_audit before insert or update on public.%I
                    for each row execute function public.enforce_actor_audit()', name);
    execute format('alter table public.%I enable row level security', name);
    execute format('revoke all on public.%I from anon', name);
    execute format('grant select, insert, update, delete on public.%I to authenticated, service_role', name);
  end loop;
end
$tables$;

drop trigger if exists hera_normalize_entity_biu on public.core_entities;
create trigger hera_normalize_entity_biu before insert or update on public.core_entities
  for each row execute function public.hera_normalize_entity_biu();

drop trigger if exists hera_require_has_canonical_type on public.core_entities;
create trigger hera_require_has_canonical_type before insert or update on public.core_entities
  for each row execute function public.hera_require_has_canonical_type();

drop trigger if exists trg_ef_soft_validate on public.core_dynamic_data;
create trigger trg_ef_soft_validate before insert or update on public.core_dynamic_data
  for each row execute function public.ef_soft_validate();

-- The policy of core_entities reads core_entities again: role authenticated meets an infinite recursion (42P17), as it
-- does in production.
do $policies$
declare
  name text;
begin
  drop policy if exists members_only on public.core_entities;
  create policy members_only on public.core_entities for all to authenticated
    using (organization_id in (select mine.organization_id from public.core_entities mine));
  foreach name in array array['core_dynamic_data', 'core_relationships', 'universal_transactions',
                              'universal_transaction_lines'] loop
    execute format('drop policy if exists members_only on public.%I', name);
    execute format('create policy members_only on public.%I for all to authenticated
                    using (organization_id in (select mine.organization_id from public.core_entities mine))', name);
  end loop;
end
$policies$;
