import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme } from '../../support/acme.ts'
import type { TestDatabase } from '../../support/databases.ts'
import { databases } from '../../support/databases.ts'
import type { Answer } from '../../support/runtime.ts'
import { ACTOR, call, fault, prepareRuntime } from '../../support/runtime.ts'
import { scriptsOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const files = { 'acme-crm.yaml': acme }
const RAISING = `language plpgsql as $body$ begin raise exception 'a lookalike was called'; end $body$`
/** Every schema that the role `attacker` may write to; the first is its own. */
const WRITABLE = ['attacker', 'public', 'extensions']

/**
 * Creates, as `attacker`, a function for every function and operator that our SQL names, with the same arguments and
 * with arguments that fit better than PostgreSQL's own. Each of them raises.
 */
const LOOKALIKES = `
do $lookalikes$
declare
  known record;
  target text;
  arguments text;
  made integer := 0;
  raising constant text := 'language plpgsql as $body$ begin raise exception ''a lookalike was called: %s''; end $body$';
begin
  foreach target in array array['${WRITABLE.join("','")}'] loop
    for known in
      with named as (
        select distinct matched[1] as name
          from pg_proc ours, regexp_matches(prosrc, '\\m([a-z_0-9]+)\\s*\\(', 'g') as matched
         where pronamespace = 'hera_connectors'::regnamespace or proname like 'hera\\_integration%'
      )
      select distinct proname as name, wide.arguments
        from named
        join pg_proc on proname = name
         and (pronamespace = 'pg_catalog'::regnamespace or proname like 'pgp%')
       cross join lateral (
         values (oidvectortypes(proargtypes)), ('varchar'), ('name'), ('text, text'), ('text, varchar'), ('text, uuid'),
                ('varchar, text, text'), ('jsonb, varchar'), ('text, text, varchar'), ('variadic text[]')
       ) as wide(arguments)
    loop
      begin
        execute format('create function %I.%I(%s) returns text ' || raising, target, known.name, known.arguments, known.name);
        made := made + 1;
      exception when others then null;
      end;
    end loop;

    for known in
      select distinct oprname as name, pair.l, pair.r
        from pg_operator
       cross join lateral (
         select format_type(oprleft, null) as l, format_type(oprright, null) as r
         union all
         select l, r
           from unnest(array['text', 'varchar', 'jsonb', 'uuid', 'integer', 'text[]', 'timestamptz']) as l,
                unnest(array['text', 'varchar', 'jsonb', 'uuid', 'integer', 'text[]', 'timestamptz']) as r
       ) as pair
       where oprname in ('=', '<>', '<', '>', '<=', '>=', '+', '-', '||', '->', '->>', '#>>', '?', '~', '~*', '!~', '!~*', '~~')
         -- HERA's own triggers, which need HERA's schemas, say jsonb - 'text' and find these.
         and not (oprname in ('-', '->>') and pair.l = 'jsonb' and pair.r = 'jsonb')
         and pair.l <> '-' and pair.r <> '-'
    loop
      begin
        execute format('create function %I.lookalike(%s, %s) returns boolean ' || raising, target, known.l, known.r, 'operator');
      exception when others then null;
      end;
      begin
        execute format('create operator %I.%s (leftarg = %s, rightarg = %s, function = %I.lookalike)', target,
                       known.name, known.l, known.r, target);
        made := made + 1;
      exception when others then null;
      end;
    end loop;

    foreach arguments in array array['core_entities', 'core_dynamic_data', 'pg_extension', 'pg_namespace', 'pg_class'] loop
      begin
        execute format('create table %I.%I (nothing text)', target, arguments);
      exception when duplicate_table then null;
      end;
    end loop;
    foreach arguments in array array['jsonb', 'text', 'uuid', 'boolean', 'regclass'] loop
      execute format('create domain %I.%I as pg_catalog.int4', target, arguments);
    end loop;
  end loop;
  perform set_config('test.lookalikes', made::text, false);
end
$lookalikes$`

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'a lookalike' : `a lookalike (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase

    beforeAll(async () => {
      database = await kind.open()
      await prepareRuntime(database, files, [A])
      await database.exec(`
        create role attacker;
        create schema attacker authorization attacker;
        grant usage, create on schema public, extensions to attacker;
        grant usage on schema hera_connectors to attacker;
        set search_path = pg_catalog;
        set role attacker`)
      await database.exec(LOOKALIKES)
      await database.exec(`
        reset role;
        reset search_path;
        revoke usage on schema hera_connectors from attacker;
        create temporary table core_entities (nothing text);
        create temporary table core_dynamic_data (nothing text)`)
    })
    afterAll(() => database?.close())

    test('stops every write and the scripts, since triggers of HERA would call it', async () => {
      const { rows } = await database.exec(`select current_setting('test.lookalikes')::int as made`)
      expect(rows[0]?.made).toBeGreaterThan(1000)
      // A session in which they do take the place of PostgreSQL's own.
      await database.exec('set search_path = attacker, public, extensions, pg_catalog')
      await expect(database.exec(`select upper('x')`)).rejects.toThrow('a lookalike was called')

      await refusedEverywhere()
      expect(await operate('LIST_AVAILABLE')).toMatchObject({ connectors: [{ code: 'acme-crm' }] })
      await database.exec(`
        set search_path = pg_catalog;
        reassign owned by attacker to postgres;
        set role attacker;
        create function public.another(jsonb) returns jsonb ${RAISING};
        reset role`)
      // A name that nobody else created is harmless.
      expect(await operate('PAUSE', { p_connector_code: 'nope' }).catch(({ code }) => code)).toBe('HC404')
      await database.exec(`
        set role attacker;
        create function public.another(jsonb, jsonb) returns jsonb ${RAISING};
        create operator public.->> (leftarg = jsonb, rightarg = jsonb, function = public.another);
        reset role;
        set search_path = attacker, public, extensions, pg_catalog`)
      expect(await refusedEverywhere()).toContain('operator public.->>(jsonb,jsonb)')
      await database.exec('set search_path = pg_catalog; drop operator public.->> (jsonb, jsonb)')
    })

    test('in a trigger of somebody else stops them too', async () => {
      await database.exec(`
        create schema other authorization attacker;
        grant trigger on public.core_entities to attacker;
        set role attacker;
        create function other.note() returns trigger ${RAISING};
        create function other.is_wanted() returns boolean ${RAISING};
        create trigger note before insert on public.core_entities for each row execute function other.note();
        reset role`)
      expect(await refusedEverywhere()).toContain('trigger note on public.core_entities')
      await database.exec(`
        drop trigger note on public.core_entities;
        create trigger note before insert on public.core_entities for each row when (other.is_wanted())
          execute function public.enforce_actor_audit()`)
      expect(await refusedEverywhere()).toContain('trigger note on public.core_entities')
      await database.exec('drop trigger note on public.core_entities')
    })

    test('that was made in good faith is never called by our own statements', async () => {
      await database.exec('set search_path = attacker, public, extensions, pg_catalog')
      const answers = await used()
      expect(answers).toMatchObject([
        { success: true },
        { success: true },
        { success: true },
        { success: true },
        { connectors: [{ code: 'acme-crm' }] },
        { connectors: [{ code: 'acme-crm' }] },
        { client_secret: 'top-secret' },
        { success: true, duplicate: false },
        { success: true, duplicate: true },
        { success: false },
        { logs: [{ status: 'error' }, { status: 'success' }] },
        { status: 'inactive' },
      ])
      const scripts = await scriptsOf(files)
      await database.exec(scripts['runtime.sql'] ?? '')
      await database.exec(scripts['verify.sql'] ?? '')
    })

    test('of the vault is not believed', async () => {
      await database.exec(`reset search_path; create schema vault authorization attacker; set role attacker`)
      await database.exec(`
        create view vault.decrypted_secrets as
          select 'hera_connectors_key'::text as name, repeat('v'::pg_catalog.text, 40) as decrypted_secret, now() as created_at;
        reset role`)
      await used()
      await database.exec(`drop schema vault cascade`)
      const { connectors } = await operate('LIST')
      expect(connectors).toHaveLength(1)
    })

    test('has no way in by the search path of a function', async () => {
      await database.exec('set search_path = pg_catalog')
      const { rows } = await database.exec(`
        select oid::pg_catalog.regprocedure::pg_catalog.text as name
          from pg_catalog.pg_proc
         where prosecdef
           and (pronamespace = 'hera_connectors'::pg_catalog.regnamespace or proname like 'hera\\_integration%')
           and proconfig <> array['search_path=pg_catalog, pg_temp']`)
      expect(rows).toEqual([])
    })

    const operate = (operation: string, given: object = {}): Promise<Answer> =>
      call(database, 'hera_integration_connector_v1', {
        p_actor_user_id: ACTOR,
        p_organization_id: A,
        p_operation: operation,
        ...given,
      })

    /** Calls and scripts that write; gives what the last one raises. */
    async function refusedEverywhere(): Promise<string> {
      const of = { p_connector_code: 'acme-crm' }
      const subject = { p_actor_user_id: ACTOR, p_organization_id: A, p_pointer: '/a', p_value: 'b' }
      const event = { p_actor_user_id: ACTOR, p_organization_id: A, p_event_source: 'acme-crm', p_event_type: 'x' }
      const writing = [
        ...['INSTALL', 'CONFIGURE', 'PAUSE', 'RESUME', 'UNINSTALL'].map((name) => () => operate(name, of)),
        () => call(database, 'hera_integration_event_in_v1', event),
        () => call(database, 'hera_integration_rotate_key_v1', {}),
        () => call(database, 'hera_integration_purge_v1', { p_before: '2020-01-01', p_dry_run: false }),
        () => call(database, 'hera_integration_erase_v1', subject),
      ]
      for (const calling of writing) {
        const { code, message } = await fault(calling())
        expect(code).toBe('HC503')
        expect(message).toContain('FOREIGN_OBJECTS')
      }
      let last = ''
      const scripts = await scriptsOf(files)
      for (const name of ['setup-prebuilt-connectors.sql', 'connectors/acme-crm.sql', 'runtime.sql', 'verify.sql']) {
        const { code, message } = await fault(database.exec(scripts[name] ?? ''))
        expect(code).toBe('HC007')
        last = message
      }
      return last
    }

    async function used(): Promise<readonly Answer[]> {
      const event = {
        p_actor_user_id: ACTOR,
        p_organization_id: A,
        p_event_source: 'acme-crm',
        p_event_type: 'contact_created',
        p_event_data: { contact_id: 'c_1', amount: 7, list: ['https://a.example/?token=x'] },
        p_idempotency_key: 'k',
        p_options: { create_transaction: true },
      }
      const of = { p_connector_code: 'acme-crm' }
      const installed = await operate('INSTALL', {
        ...of,
        p_installation_config: { client_id: 'acme0001', client_secret: 'top-secret' },
      })
      return [
        installed,
        await operate('CONFIGURE', { ...of, p_installation_config: { tenant_id: '4711' } }),
        await operate('PAUSE', of),
        await operate('RESUME', { p_options: { installation_id: installed.installation_id } }),
        await operate('LIST'),
        await operate('LIST_AVAILABLE'),
        await call(database, 'hera_integration_secrets_v1', {
          p_organization_id: A,
          p_installation_id: installed.installation_id,
        }),
        await call(database, 'hera_integration_event_in_v1', event),
        await call(database, 'hera_integration_event_in_v1', event),
        await call(database, 'hera_integration_event_in_v1', {
          ...event,
          p_event_type: 'nope',
          p_idempotency_key: null,
        }),
        await call(database, 'hera_integration_logs_v1', { p_organization_id: A }),
        await operate('UNINSTALL', of),
      ]
    }
  })
})
