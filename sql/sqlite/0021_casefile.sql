-- Case files: what was taken out of a case and sealed for somebody, until it is taken back or the case is erased. Of one for a
-- unit of the platform the key is the home `id` (unit_wrap, case_item); one for somebody outside is a parcel under a passphrase that
-- stands nowhere. For whom, why and what is in it is an entry of the case. What is only printed has no row.

-- schema desk
create table desk.casefile (
    seq integer primary key autoincrement,
    id blob not null unique,
    case_id blob not null,
    from_unit blob not null,
    to_unit blob,                          -- null: somebody outside
    person blob not null,                  -- who made it
    made integer not null,
    size integer not null,                 -- bytes, sealed
    sealed blob,                           -- null: taken back
    opened integer not null,               -- how often it was opened; of one for outside, downloaded
    opened_at integer,                     -- last
    revoked_at integer
) strict;
create index desk.casefile_from on casefile (from_unit, seq);
create index desk.casefile_to on casefile (to_unit, seq);
create index desk.casefile_case on casefile (case_id);
