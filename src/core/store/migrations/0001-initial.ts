import { sql, type Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import type { Migration } from '../migrate.ts';

const versioned = 'id text primary key, version integer not null, technician_id text not null';

const statements = [
  'create table meta (key text primary key, value text not null)',
  `create table people (${versioned}, name text not null, email text, phone text, department text, site text,
    created_at text not null, updated_at text not null, archived_at text)`,
  `create table machines (${versioned}, name text not null, owner_id text references people (id), addresses text not null,
    ssh integer not null, port integer not null, user_name text, sign_in text not null,
    legacy_algorithms integer not null, tags text not null, site text, os_family text not null, os text, serial text,
    model text, purchased_on text, warranty_until text, remarks text, created_at text not null,
    updated_at text not null, last_seen_at text, archived_at text)`,
  `create table credentials (${versioned}, name text not null, kind text not null, user_name text, fingerprint text,
    key_type text, created_at text not null)`,
  `create table sessions (${versioned}, channel text not null, machine_id text references machines (id),
    person_id text references people (id), reason text not null, state text not null, started_at text not null,
    ended_at text, draft text, outcome text)`,
  'create index sessions_by_start on sessions (started_at)',
  `create table note_revisions (session_id text not null references sessions (id), version integer not null,
    text text not null, saved_at text not null, technician_id text not null, primary key (session_id, version))`,
  `create table timeline (session_id text not null references sessions (id), console_id text not null,
    sequence integer not null, at text not null, technician_id text not null, kind text not null, salt text,
    payload text, payload_hash text not null, previous_hash text not null, hash text not null,
    primary key (session_id, console_id, sequence))`,
  `create table attachments (hash text not null, session_id text not null references sessions (id), name text not null,
    mime text not null, size integer not null, added_at text not null, primary key (hash, session_id))`,
];

export const initial: Migration = {
  name: '0001-initial',
  up: async (queries: Kysely<Tables>) => {
    for (const statement of statements) await sql.raw(statement).execute(queries);
  },
};
